"""``convexity migrate``: moves the data of a backend from SQLite to PostgreSQL."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from convexity_compiler.cli.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable

    from click._termui_impl import ProgressBar

_SQLITE = "sqlite:///"


@click.command("migrate")
@click.option(
    "--from",
    "source",
    metavar="URL",
    required=True,
    help="The SQLite database, from the current folder, such as sqlite:///dist/data/app.db.",
)
@click.option(
    "--to",
    "target",
    metavar="URL",
    required=True,
    help="An empty PostgreSQL database, as postgresql://user:password@host:5432/name.",
)
def command(source: str, target: str) -> None:
    """Copy the data of a backend from SQLite to PostgreSQL.

    Stop the backend before. Every document keeps its id and its times; all of it is read back and
    compared. What was interrupted goes on with the same command. Indexes are built when the backend
    starts on the new database. Stored files stay where they are.
    """
    if not source.startswith(_SQLITE):
        raise CommandError(f"--from {source!r} does not begin with {_SQLITE}")
    from convexity.database.migration import migrate
    from convexity.database.postgres.address import parse_address
    from convexity.errors import DefinitionError, OverloadedError

    try:
        address = parse_address(target)
    except ValueError as error:
        raise CommandError(f"--to cannot be used: {error}") from None
    bar: ProgressBar[int] = click.progressbar(length=0, label="Migrating", file=sys.stderr)

    def progress_of(rows: int) -> Callable[[int], None]:
        bar.length = rows
        return bar.update

    try:
        with bar:
            done = asyncio.run(migrate(Path(source.removeprefix(_SQLITE)), address, progress_of))
    except (DefinitionError, OverloadedError) as error:
        raise CommandError(str(error)) from error
    before = f", {done.resumed:,} of them before" if done.resumed else ""
    click.echo(
        f"Copied {done.documents:,} documents of {done.tables} tables{before}, "
        "those of the runtime itself included."
    )
    click.echo("Start the backend with DATABASE_URL set to the new database.")
