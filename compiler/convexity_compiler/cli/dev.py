"""``convexity dev``: check, generate, build and serve, again at every change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from convexity_compiler.cli.options import project_option

if TYPE_CHECKING:
    from pathlib import Path


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
    from convexity_compiler.cli import pipeline
    from convexity_compiler.cli.dev_server import DevServer
    from convexity_compiler.cli.dev_session import DevSession
    from convexity_compiler.cli.watching import rounds

    config = pipeline.configure(project)
    pipeline.snapshot(config)  # without a functions folder there is nothing to watch
    server = DevServer(config.root, host, port)
    session = DevSession(config.root, server)
    try:
        for is_due in rounds(config):
            if is_due:
                session.update()
            else:
                server.report_exit()
    except KeyboardInterrupt:
        click.echo("Stopping.", err=True)
    finally:
        server.close()
