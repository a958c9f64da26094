"""Options that several commands share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from convexity_compiler.config import EDITIONS, Profile, Severity, edition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from convexity_compiler.config import Config

project_option = click.option(
    "--project",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The project's root folder; by default the nearest one from here upwards.",
)

_SELECTION = (
    click.option(
        "--select", multiple=True, metavar="RULE", help="Run this rule too; several by commas."
    ),
    click.option(
        "--ignore", multiple=True, metavar="RULE", help="Do not run this rule; several by commas."
    ),
    click.option(
        "--profile",
        type=click.Choice(get_args(Profile)),
        help="Which rules run, and how strictly, whatever the settings say.",
    ),
    click.option(
        "--edition",
        metavar="EDITION",
        help="Leave out the rules that came after this edition, whatever the settings say;"
        f" one of {', '.join(EDITIONS)}.",
    ),
    click.option(
        "--fail-on",
        type=click.Choice(get_args(Severity)),
        help="The least severity that makes the exit code 1, whatever the settings say.",
    ),
)


def selection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that stand above the settings of the project; see ``with_selection``."""
    for option in reversed(_SELECTION):
        command = option(command)
    return command


def with_selection(
    config: Config,
    *,
    select: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (),
    profile: Profile | None = None,
    edition_name: str | None = None,
    fail_on: Severity | None = None,
) -> Config:
    """Return the settings under the options of a command.

    Raises ConfigError for an edition that does not exist.
    """
    return replace(
        config,
        select=(*config.select, *_split(select)),
        ignore=(*config.ignore, *_split(ignore)),
        profile=profile or config.profile,
        edition=edition("`--edition`", edition_name) if edition_name else config.edition,
        fail_on=fail_on or config.fail_on,
    )


def _split(values: tuple[str, ...]) -> Iterator[str]:
    """Yield the rules of options that name one or, by commas, several."""
    for value in values:
        yield from (rule.strip() for rule in value.split(",") if rule.strip())
