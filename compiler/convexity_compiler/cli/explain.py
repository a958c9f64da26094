"""``convexity explain``: what a rule is about."""

from __future__ import annotations

import json

import click


@click.command("explain")
@click.argument("rule", metavar="RULE")
@click.option("--json", "as_json", is_flag=True, help="Print the rule as JSON.")
def command(rule: str, as_json: bool) -> None:
    """Explain a rule, given by name or code: what it finds, why, and what to write instead."""
    from convexity_compiler.rules.documentation import page, record
    from convexity_compiler.rules.registry import require_rule

    found = require_rule(rule, "explain")
    click.echo(json.dumps(record(found), indent=2) if as_json else page(found).rstrip())
