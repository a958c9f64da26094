"""``convexity init``: a project to start from."""

from __future__ import annotations

import keyword
from pathlib import Path

import click

from convexity_compiler.config import DEFAULT_FUNCTIONS_FOLDER


@click.command("init")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path), default=".")
@click.option(
    "--functions",
    default=DEFAULT_FUNCTIONS_FOLDER,
    show_default=True,
    metavar="NAME",
    help="Name of the functions folder. A folder `convex` hides the PyPI client of that name from"
    " scripts started in the project root; choose another name if you use it there.",
)
def command(directory: Path, functions: str) -> None:
    """Create a project in DIRECTORY: a schema, a module of functions, its tests, the settings.

    Files that exist are kept as they are.
    """
    from convexity_compiler.cli import starter
    from convexity_compiler.cli.errors import CommandError
    from convexity_compiler.emit.backend.reserved import RESERVED_PACKAGES

    parts = functions.split("/")
    if not all(part.isidentifier() and not keyword.iskeyword(part) for part in parts):
        raise CommandError(
            f"`{functions}` cannot be imported as a package",
            help_text="use letters, digits and underscores for the functions folder",
        )
    if parts[-1] in RESERVED_PACKAGES:
        raise CommandError(
            f"a functions folder `{parts[-1]}` would hide a module that the backend imports",
            help_text="choose another name for the functions folder",
        )
    for path, what in starter.create(directory.resolve(), functions):
        click.echo(f"{what:<8} {path}", err=True)
    where = "" if directory == Path() else f" in {directory}"
    click.echo(f"Next: run `convexity dev`{where}.", err=True)
