"""``convexity run``: calls a function of a running backend."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import click

from convexity_compiler.cli.admin_key import PLACES, local_admin_keys
from convexity_compiler.cli.backend_options import DEFAULT_URL, url_option
from convexity_compiler.cli.errors import CommandError
from convexity_compiler.cli.options import project_option
from convexity_compiler.config import nearest

if TYPE_CHECKING:
    from pathlib import Path

_NOT_FOUND = "Could not find function"
_NOT_PUBLIC = "Could not find public function"
_NO_KEY_HELP = (
    "an internal function needs the admin key, and no key that this backend accepts was found in"
    f" {PLACES}; give it with --admin-key or CONVEXITY_ADMIN_KEY"
)
_INT64 = "v.int64()"
_INT64_HELP = (
    'without the project of this function, an int64 is written {"$integer": "<base64>"}: the base64'
    ' text of its 8 bytes, little endian, so that 5 is {"$integer": "BQAAAAAAAAA="}'
)


@click.command("run")
@click.argument("function", metavar="FUNCTION")
@click.argument("args", metavar="[ARGS]", default="{}")
@project_option
@url_option
@click.option(
    "--admin-key",
    envvar="CONVEXITY_ADMIN_KEY",
    show_envvar=True,
    help="Key of the backend; by default that of the project's local database;"
    " public functions need none.",
)
@click.option(
    "--identity",
    metavar="JSON",
    help="User to act as, a JSON object with `issuer`, `subject` and further claims: what"
    " `ctx.auth.get_user_identity()` returns. Needs the admin key.",
)
@click.option(
    "--component",
    default="",
    metavar="PATH",
    help="The component that has the function, as it is mounted: `likes`, `outer/inner`. Needs the"
    " admin key.",
)
def command(
    function: str,
    args: str,
    component: str,
    project: Path | None,
    url: str | None,
    admin_key: str | None,
    identity: str | None,
) -> None:
    """Call FUNCTION, public or internal, with the JSON object ARGS.

    FUNCTION is a reference (`api.messages.list`, `internal.messages.list`), a wire path
    (`messages:list`) or a file and a name (`convex/messages.py:list`). The result goes to stdout as
    JSON, what the function logs to stderr. Integers stand for int64 where the project's function
    takes int64; public functions need no admin key.
    """
    from convexity_compiler.cli import called_function, dev_address, pipeline, remote

    if url is not None:
        remote.require_http(url)
    config = pipeline.configure(project)
    path = remote.wire_path(function, config.functions)
    arguments = _json_object("ARGS", args)
    user = None if identity is None else _json_object("--identity", identity)
    definition = called_function.find_function(config, path, component)
    if definition is not None:
        called_function.check_visibility(function, definition)
        arguments = called_function.encode_arguments(definition, arguments)
    url = url or dev_address.find(config.root) or DEFAULT_URL
    key = admin_key or remote.accepted(url, local_admin_keys(config, url, os.environ))
    if user is not None:
        if key is None:
            raise CommandError(
                "--identity needs the admin key, and no key that this backend accepts was found in"
                f" {PLACES}",
                help_text="give it with --admin-key or CONVEXITY_ADMIN_KEY",
            )
        key = remote.acting_as(key, user)
    if component and key is None:
        raise CommandError("only an admin may call functions of components", help_text=_NO_KEY_HELP)
    outcome = remote.call(url, key, path, arguments, component=component)
    for line in outcome.log_lines:
        click.echo(line, err=True)
    if outcome.error is not None:
        click.echo(outcome.error.rstrip(), err=True)
        if outcome.error_data is not None:
            click.echo(json.dumps(outcome.error_data, ensure_ascii=False), err=True)
        if key is not None and _NOT_FOUND in outcome.error:
            match = nearest(path, remote.function_paths(url, key, component))
            if match is not None:
                click.echo(f"help: did you mean `{match}`?", err=True)
        if key is None and _NOT_PUBLIC in outcome.error:
            click.echo(f"help: {_NO_KEY_HELP}", err=True)
        if definition is None and _INT64 in outcome.error:
            click.echo(f"help: {_INT64_HELP}", err=True)
        raise SystemExit(1)
    click.echo(json.dumps(outcome.value, indent=2, ensure_ascii=False))


def _json_object(what: str, text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise CommandError(
            f"{what} is not valid JSON: {error}",
            help_text="""quote it for the shell: '{"name": "Ada"}'""",
        ) from None
    except RecursionError:
        raise CommandError(f"{what} is nested too deeply") from None
    if not isinstance(found, dict):
        raise CommandError(f"{what} must be a JSON object, not {text}")
    return found
