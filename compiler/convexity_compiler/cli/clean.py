"""``convexity clean``: removes what the checker keeps to be fast."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from convexity_compiler.cli.options import project_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command("clean")
@project_option
def command(project: Path | None) -> None:
    """Remove the cache of the project; the next check makes it anew.

    The development database and generated files stay.
    """
    import shutil

    from convexity_compiler.cli import pipeline
    from convexity_compiler.cli.errors import CommandError

    config = pipeline.configure(project)
    folder = config.cache_path
    if not folder.is_dir():
        click.echo("There is no cache.", err=True)
        return
    if not (folder / ".gitignore").is_file():
        raise CommandError(
            f"{folder} is not a cache that convexity made",
            help_text="look at `cache-dir` in the settings, or delete the folder yourself",
        )
    shutil.rmtree(folder)
    click.echo(f"{config.cache_dir} removed.", err=True)
