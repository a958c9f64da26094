"""The options and the look-up of commands that administer a running backend."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from convexity_compiler.cli.admin_key import PLACES, local_admin_keys
from convexity_compiler.cli.errors import CommandError
from convexity_compiler.cli.options import project_option

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DEFAULT_URL = "http://127.0.0.1:3210"

F = TypeVar("F", bound="Callable[..., Any]")

url_option = click.option(
    "--url",
    envvar="CONVEX_CLOUD_URL",
    show_envvar=True,
    help="Address of the backend; by default that of the running `convexity dev` of the project,"
    f" else {DEFAULT_URL}.",
)
_admin_key_option = click.option(
    "--admin-key",
    envvar="CONVEXITY_ADMIN_KEY",
    show_envvar=True,
    help="Key of the backend; by default that of the project's local database.",
)


class Administered(NamedTuple):
    """A backend, and the key that it accepts."""

    url: str
    key: str


def backend_options(command: F) -> F:
    """Add ``--project``, ``--url`` and ``--admin-key`` to a command."""
    for option in (_admin_key_option, url_option, project_option):
        command = option(command)
    return command


def administered(
    project: Path | None, url: str | None, admin_key: str | None, *, purpose: str
) -> Administered:
    """Find the backend that the options mean, and a key that it accepts.

    Args:
        project: As given.
        url: As given; ``None``: that of the project's development server, or the default.
        admin_key: As given; ``None``: one of the project's local databases.
        purpose: What needs the key, for the message that there is none: ``the logs``.

    Raises CommandError when no backend answers there, or no key is accepted.
    """
    from convexity_compiler.cli import dev_address, pipeline, remote

    if url is not None:
        remote.require_http(url)
    config = pipeline.configure(project)
    url = url or dev_address.find(config.root) or DEFAULT_URL
    key = admin_key or remote.accepted(url, local_admin_keys(config, url, os.environ))
    if key is None:
        # Without an answer there is a better message than that the key is missing.
        remote.get(url, None, "version")
        raise CommandError(
            f"{purpose} need the admin key, and no key that this backend accepts was found in"
            f" {PLACES}",
            help_text=remote.KEY_HELP,
        )
    return Administered(url, key)
