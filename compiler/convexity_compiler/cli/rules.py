"""``convexity rules``: the list of rules."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command("rules")
@click.option("--json", "as_json", is_flag=True, help="Print all rules as JSON.")
@click.option(
    "--pages",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Write one Markdown page per rule and an index into FOLDER.",
)
def command(as_json: bool, pages: Path | None) -> None:
    """List the rules with their codes, severities and whether they offer a fix."""
    from convexity_compiler.rules.documentation import record, write_pages
    from convexity_compiler.rules.registry import all_rules

    if pages is not None:
        write_pages(pages)
    elif as_json:
        click.echo(json.dumps([record(rule) for rule in all_rules()], indent=2))
    else:
        width = max(len(rule.name) for rule in all_rules())
        for rule in all_rules():
            fix = "fix" if rule.fixable else ""
            click.echo(f"{rule.code}  {rule.name:<{width}}  {rule.severity:<7}  {fix}".rstrip())
