"""``convexity dev``: check, generate, build and serve, again at every change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from convexity_compiler.cli.options import project_option

if TYPE_CHECKING:
    from watchfiles import Change

LOOK_MILLISECONDS: Final = 100
"""How long to wait for changes before looking whether the server still runs."""


@click.command("dev")
@project_option
@click.option("--host", default="localhost", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=3210,
    show_default=True,
    help="Port to listen on.",
)
def command(project: Path | None, host: str, port: int) -> None:
    """Serve the project while you work on it.

    Findings are shown as they come up. The server is replaced only by one that builds and starts;
    until then the last good one answers, and connections wait while one gives way to the next.
    Its environment variables are those of the shell, and of `.env.local` in the project's folder.
    Ctrl-C stops both.
    """
    import signal

    from watchfiles import watch

    from convexity_compiler.cli import local_variables, pipeline
    from convexity_compiler.cli.dev_server import DevServer
    from convexity_compiler.cli.dev_session import DevSession

    config = pipeline.configure(project)
    watched = (config.functions_path, config.root / "pyproject.toml")
    pipeline.load(config)  # without a functions folder there is nothing to watch
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    server = DevServer(config.root, host, port)
    session = DevSession(config.root, server)
    is_first, stamp = True, 0
    try:
        # The first round waits until files are watched, so that it misses no change.
        for changes in watch(
            *(path for path in watched if path.exists()),
            watch_filter=_is_source,
            yield_on_timeout=True,
            rust_timeout=LOOK_MILLISECONDS,
        ):
            former, stamp = stamp, local_variables.stamp(config.root)
            if changes or is_first or stamp != former:
                session.update()
            else:
                server.report_exit()
            is_first = False
    except KeyboardInterrupt:
        click.echo("Stopping.", err=True)
    finally:
        server.close()


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
