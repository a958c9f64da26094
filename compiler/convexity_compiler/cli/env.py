"""``convexity env``: the environment variables that a running backend stores."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from convexity_compiler.cli.backend_options import administered, backend_options
from convexity_compiler.cli.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convexity_compiler.cli.backend_options import Administered

_PURPOSE = "environment variables"
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,-]*", re.ASCII)
"""Values that a shell reads as they are."""


@click.group("env")
def command() -> None:
    """Show and set the environment variables that a running backend stores.

    The next call of a function sees a change, and live queries that read the variable run again.
    A stored variable comes before one of the process that serves the backend.
    """


@command.command("set")
@click.argument("name", required=False)
@click.argument("value", required=False)
@click.option(
    "--from-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Set all variables of a file with lines NAME=value.",
)
@backend_options
def set_variable(
    name: str | None,
    value: str | None,
    from_file: Path | None,
    project: Path | None,
    url: str | None,
    admin_key: str | None,
) -> None:
    """Set NAME to VALUE, or to what is read from stdin, which keeps it out of the shell's history.

    NAME=VALUE in one word is understood too.
    """
    changes = _given(name, value) if from_file is None else _from_file(from_file)
    if from_file is not None and name is not None:
        raise CommandError("give either a name or --from-file, not both")
    backend = administered(project, url, admin_key, purpose=_PURPOSE)
    _update(backend, changes)
    click.echo(f"Set {', '.join(changes)}.", err=True)


@command.command("get")
@click.argument("name")
@backend_options
def get_variable(name: str, project: Path | None, url: str | None, admin_key: str | None) -> None:
    """Print the stored value of NAME; exit with 1 if there is none."""
    found = _stored(administered(project, url, admin_key, purpose=_PURPOSE))
    if name not in found:
        click.echo(f"error: the backend stores no variable {name!r}", err=True)
        raise SystemExit(1)
    click.echo(found[name])


@command.command("list")
@backend_options
def list_variables(project: Path | None, url: str | None, admin_key: str | None) -> None:
    """Print the stored variables with their values, as lines NAME=value."""
    found = _stored(administered(project, url, admin_key, purpose=_PURPOSE))
    if not found:
        click.echo("The backend stores no environment variables.", err=True)
    for name, value in sorted(found.items()):
        click.echo(f"{name}={value if _PLAIN.fullmatch(value) else _quoted(value)}")


@command.command("unset")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@backend_options
def unset_variable(
    names: tuple[str, ...], project: Path | None, url: str | None, admin_key: str | None
) -> None:
    """Remove stored variables; those of the process come into effect again."""
    backend = administered(project, url, admin_key, purpose=_PURPOSE)
    found = _stored(backend)
    _update(backend, dict.fromkeys(names))
    for name in names:
        what = "Removed" if name in found else "The backend stored no"
        click.echo(f"{what} {name}.", err=True)


def _given(name: str | None, value: str | None) -> dict[str, str | None]:
    if name is None:
        raise CommandError(
            "which variable?", help_text="write `convexity env set NAME VALUE`, or use --from-file"
        )
    if value is None:
        name, is_joined, rest = name.partition("=")
        if is_joined:
            return {name: rest}
        if sys.stdin.isatty():
            value = click.prompt(f"Value of {name}", hide_input=True, err=True)
        else:
            value = sys.stdin.read().removesuffix("\n")
    return {name: value}


def _from_file(path: Path) -> dict[str, str | None]:
    from dotenv import dotenv_values

    try:
        found = dotenv_values(path, interpolate=False)
    except UnicodeDecodeError:
        raise CommandError(f"{path} is not UTF-8 text") from None
    incomplete = [name for name, value in found.items() if value is None]
    if incomplete:
        raise CommandError(f"{path}: {', '.join(incomplete)} have no value: write NAME=value")
    if not found:
        raise CommandError(f"{path} sets no variable")
    return dict(found)


def _stored(backend: Administered) -> dict[str, str]:
    from convexity_compiler.cli import remote

    answer = remote.get(backend.url, backend.key, "api/list_environment_variables")
    found: dict[str, str] = answer["environmentVariables"]
    return found


def _update(backend: Administered, changes: Mapping[str, str | None]) -> None:
    from convexity_compiler.cli import remote

    listed = [{"name": name, "value": value} for name, value in changes.items()]
    remote.post(backend.url, backend.key, "api/update_environment_variables", {"changes": listed})


def _quoted(value: str) -> str:
    """A value in quotes, as files with lines NAME=value have it."""
    return json.dumps(value, ensure_ascii=False)
