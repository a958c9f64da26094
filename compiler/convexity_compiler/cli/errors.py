"""How failures end: a message on stderr and exit code 2, never a bare traceback."""

from __future__ import annotations

import traceback
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

import click

from convexity_compiler.config import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

FAILURE = 2
"""Exit code of wrong usage, an unusable configuration and internal errors; 1 means findings."""


class CommandError(click.ClickException):
    """A failure the user can do something about."""

    exit_code = FAILURE

    def __init__(self, message: str, *, help_text: str = "") -> None:
        super().__init__(message)
        self.help_text = help_text

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message, and the way out below it."""
        click.echo(f"error: {self.message}", file=file, err=file is None)
        if self.help_text:
            click.echo(f"help: {self.help_text}", file=file, err=file is None)


class InternalError(click.ClickException):
    """A bug in convexity."""

    exit_code = FAILURE

    def __init__(self, error: BaseException) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self._trace = "".join(traceback.format_exception(error))

    def show(self, file: IO[Any] | None = None) -> None:
        """Print that it is a bug, what to send and where to."""
        text = (
            f"{self._trace}\n"
            f"internal error: {self.message}\n"
            "This is a bug in convexity, not in your project. Please report it to the issue tracker"
            " of convexity\nwith the lines above, the version (`convexity --version`)"
            " and the file that brings it about."
        )
        click.echo(text, file=file, err=file is None)


@contextmanager
def guard() -> Iterator[None]:
    """Turn exceptions of a command into click's own."""
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
        raise
    except Exception as error:
        failure = as_failure(error)
        # A bug keeps what brought it about; of a mistake the message says all.
        raise failure from (error if isinstance(failure, InternalError) else None)


def as_failure(error: Exception) -> click.ClickException:
    """Return the failure that an exception of a command stands for."""
    if isinstance(error, click.ClickException):
        return error
    if isinstance(error, ConfigError):
        return CommandError(str(error))
    if isinstance(error, OSError) and error.filename is not None:
        return CommandError(f"{error.filename}: {error.strerror}")
    return InternalError(error)
