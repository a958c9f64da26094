"""``convexity rules``: the list of rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convexity_compiler.rules.base import Rule


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
        click.echo(table(all_rules()))


def table(rules: Sequence[type[Rule]]) -> str:
    """Return a line per rule."""
    width = max(len(rule.name) for rule in rules)
    return "\n".join(
        f"{rule.code}  {rule.name:<{width}}  {rule.severity:<7}"
        f"  {'fix' if rule.fixable else ''}".rstrip()
        for rule in rules
    )
