"""``convexity run``: calls a function of a running backend."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import click

from convexity_compiler.cli.options import project_option

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_URL = "http://127.0.0.1:3210"


@click.command("run")
@click.argument("function", metavar="FUNCTION")
@click.argument("args", metavar="[ARGS]", default="{}")
@project_option
@click.option(
    "--url",
    envvar="CONVEX_CLOUD_URL",
    default=DEFAULT_URL,
    show_default=True,
    show_envvar=True,
    help="Address of the backend.",
)
@click.option(
    "--admin-key",
    envvar="CONVEXITY_ADMIN_KEY",
    show_envvar=True,
    help="Key of the backend; by default that of the project's local database.",
)
def command(
    function: str, args: str, project: Path | None, url: str, admin_key: str | None
) -> None:
    """Call FUNCTION, public or internal, with the JSON object ARGS.

    FUNCTION is a reference (`api.messages.list`, `internal.messages.list`), a wire path
    (`messages:list`) or a file and a name (`convex/messages.py:list`). The result goes to stdout as
    JSON, what the function logs to stderr.
    """
    from convexity_compiler.cli import pipeline, remote
    from convexity_compiler.cli.admin_key import local_admin_keys
    from convexity_compiler.cli.errors import CommandError

    config = pipeline.configure(project)
    path = remote.wire_path(function, config.functions)
    try:
        arguments = json.loads(args)
    except json.JSONDecodeError as error:
        raise CommandError(
            f"ARGS is not valid JSON: {error}",
            help_text="""quote it for the shell: '{"name": "Ada"}'""",
        ) from None
    if not isinstance(arguments, dict):
        raise CommandError(f"ARGS must be a JSON object, not {args}")
    keys = [admin_key] if admin_key else local_admin_keys(config, url, os.environ)
    outcome = remote.call(url, remote.accepted(url, keys), path, arguments)
    for line in outcome.log_lines:
        click.echo(line, err=True)
    if outcome.error is not None:
        click.echo(outcome.error.rstrip(), err=True)
        if outcome.error_data is not None:
            click.echo(json.dumps(outcome.error_data, ensure_ascii=False), err=True)
        raise SystemExit(1)
    click.echo(json.dumps(outcome.value, indent=2, ensure_ascii=False))
