"""``convexity config``: the settings of a project, as they are understood."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from convexity_compiler.cli.options import project_option

if TYPE_CHECKING:
    from pathlib import Path

    from convexity_compiler.config import Config


@click.group("config")
def command() -> None:
    """Show or validate the settings of the project, `[tool.convexity]` in pyproject.toml."""


@command.command("show")
@project_option
def show(project: Path | None) -> None:
    """Print all settings and the rules that run under them, as JSON."""
    from convexity_compiler.cli import pipeline
    from convexity_compiler.rules.registry import select_rules

    config = pipeline.configure(project)
    rules = {entry.rule.name: entry.severity for entry in select_rules(config)}
    document = {"root": str(config.root), **_settings(config), "rules": rules}
    click.echo(json.dumps(document, indent=2))


@command.command("validate")
@project_option
def validate(project: Path | None) -> None:
    """Exit with 2, and say why, when a setting cannot be used."""
    from convexity_compiler.cli import pipeline
    from convexity_compiler.rules.registry import select_rules

    config = pipeline.configure(project)
    rules = len(select_rules(config))
    click.echo(f"The settings of {config.root} are valid: {rules} rules run.", err=True)


def _settings(config: Config) -> dict[str, object]:
    from convexity_compiler.config import SETTINGS

    return {key: getattr(config, key.replace("-", "_")) for key in SETTINGS}
