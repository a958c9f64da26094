"""``convexity ir``: what the project means, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from convexity_compiler.cli.options import project_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command("ir")
@project_option
def command(project: Path | None) -> None:
    """Print the backend IR as JSON: tables, functions, routes and cron jobs."""
    import json

    from convexity_compiler.cli import pipeline
    from convexity_compiler.lower.json_form import ir_to_json

    config = pipeline.configure(project)
    ir = pipeline.lower(pipeline.load(config))
    click.echo(json.dumps(ir_to_json(ir), indent=2, ensure_ascii=False))
