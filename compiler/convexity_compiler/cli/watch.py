"""``convexity watch``: check and generate, again at every change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from convexity_compiler.cli.options import project_option

if TYPE_CHECKING:
    from pathlib import Path

    from convexity_compiler.config import Config


@click.command("watch")
@project_option
def command(project: Path | None) -> None:
    """Check the project, and keep its `_generated` folder up to date, at every change.

    Nothing is built or served: `convexity dev` does that too. Ctrl-C ends it.
    """
    from convexity_compiler.cli import pipeline
    from convexity_compiler.cli.watching import repeat

    config = pipeline.configure(project)
    pipeline.load(config)  # without a functions folder there is nothing to watch
    repeat(config, lambda: _check_and_generate(pipeline.configure(config.root)))


def _check_and_generate(config: Config) -> None:
    from convexity_compiler.cli import generation, pipeline, reporting
    from convexity_compiler.cli.output import Output
    from convexity_compiler.pipeline import compile_project
    from convexity_compiler.rules.engine import obstacles

    parts = pipeline.parts(pipeline.load(config))
    in_the_way = [finding for part in parts for finding in obstacles(part)]
    found = in_the_way or pipeline.check(config, parts)
    reporting.report(found, config.root, Output())
    if not in_the_way:
        *components, ir = map(compile_project, parts)
        generation.write(generation.plan(config, ir, components))
