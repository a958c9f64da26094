"""Rounds of work at every change of a project's sources."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from convexity_compiler.cli import local_variables
from convexity_compiler.cli.errors import guard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from watchfiles import Change

    from convexity_compiler.config import Config

LOOK_MILLISECONDS: Final = 100
"""How long to wait for changes before the caller may look after something else."""


def rounds(config: Config) -> Iterator[bool]:
    """Yield True once files are watched and at every change, False while nothing happens.

    It ends by KeyboardInterrupt, which Ctrl-C and SIGTERM raise.
    """
    import signal

    from watchfiles import watch

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    watched = (config.functions_path, config.root / "pyproject.toml")
    is_first, stamp = True, 0
    # The first round waits until files are watched, so that it misses no change.
    for changes in watch(
        *(path for path in watched if path.exists()),
        watch_filter=_is_source,
        yield_on_timeout=True,
        rust_timeout=LOOK_MILLISECONDS,
    ):
        former, stamp = stamp, local_variables.stamp(config.root)
        yield bool(changes) or is_first or stamp != former
        is_first = False


def repeat(config: Config, work: Callable[[], None]) -> None:
    """Do some work at every change until Ctrl-C; a failure is shown, and ends nothing."""
    try:
        for is_due in rounds(config):
            if is_due:
                attempt(work)
                click.echo("Waiting for changes.", err=True)
    except KeyboardInterrupt:
        click.echo("Stopping.", err=True)


def attempt(work: Callable[[], None]) -> bool:
    """Do some work, and show a failure as a command would; returns whether there was none."""
    try:
        with guard():
            work()
    except click.ClickException as error:
        error.show()
        return False
    return True


def _is_source(change: Change, path: str) -> bool:
    """Whether a path is the user's own: what codegen writes must not start another round."""
    if "_generated" in path.replace("\\", "/").split("/"):
        return False
    if path.endswith("__init__.py"):
        return not _is_new_and_empty(change, Path(path))
    return path.endswith((".py", "pyproject.toml"))


def _is_new_and_empty(change: Change, path: Path) -> bool:
    """Whether a package file came that says nothing, as codegen writes them."""
    from watchfiles import Change

    try:
        return change == Change.added and path.stat().st_size == 0
    except OSError:
        return False
