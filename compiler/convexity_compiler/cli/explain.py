"""``convexity explain``: what a rule is about."""

from __future__ import annotations

import json

import click


@click.command("explain")
@click.argument("rule", metavar="RULE")
@click.option("--json", "as_json", is_flag=True, help="Print the rule as JSON.")
def command(rule: str, as_json: bool) -> None:
    """Explain a rule, given by name or code: what it finds, why, and what to write instead.

    The prefix of a family, such as `QRY`, lists the rules of the family.
    """
    from convexity_compiler.cli import rules
    from convexity_compiler.cli.errors import CommandError
    from convexity_compiler.diagnostics.model import FAILURES, MYPY_PAGES, TYPE_CHECKER
    from convexity_compiler.rules.documentation import page, record
    from convexity_compiler.rules.registry import family, require_rule

    if rule.startswith(TYPE_CHECKER):
        address = f"{MYPY_PAGES}{rule.removeprefix(TYPE_CHECKER)}"
        raise CommandError(
            f"`{rule}` is no rule of convexity", help_text=f"mypy explains {address}"
        )
    if rule.upper() in FAILURES or rule in FAILURES.values():
        raise CommandError(
            f"`{rule}` is no rule, but what a check that fails is called",
            help_text="the message with it says what to do",
        )
    members = family(rule)
    if members:
        listed = json.dumps([record(member) for member in members], indent=2)
        click.echo(listed if as_json else rules.table(members))
        return
    found = require_rule(rule, "explain")
    click.echo(json.dumps(record(found), indent=2) if as_json else page(found).rstrip())
