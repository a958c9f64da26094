"""``convexity logs``: shows what a running backend executes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from convexity_compiler.cli.backend_options import administered, backend_options
from convexity_compiler.cli.errors import CommandError

if TYPE_CHECKING:
    from pathlib import Path

_PATIENCE = 30.0
"""Seconds for which a backend that was there before may be away, to be started again."""
_PAUSE = 0.5


@click.command("logs")
@backend_options
@click.option("--history", is_flag=True, help="Begin with what was executed before.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="Stop after N executions; by default, go on until interrupted.",
)
def command(
    project: Path | None,
    url: str | None,
    admin_key: str | None,
    history: bool,
    limit: int | None,
) -> None:
    """Show each function that a backend executes, with its time, its log lines and its error.

    Calls that are refused before they run (no such function, bad arguments) are not shown, nor are
    queries that are answered by a result at hand. Of a backend with several processes, what one of
    them executes is shown.
    """
    url, key = administered(project, url, admin_key, purpose="the logs")
    cursor = 0 if history else _poll(url, key, None)["newCursor"]
    shown = 0
    while True:
        answer = _patiently(url, key, cursor)
        cursor = answer["newCursor"]
        for entry in answer["entries"]:
            click.echo(_text(entry))
            shown += 1
            if shown == limit:
                return


def _poll(url: str, key: str, cursor: int | None) -> Any:
    from convexity_compiler.cli import remote

    query = "" if cursor is None else f"?cursor={cursor}"
    return remote.get(url, key, f"api/stream_function_logs{query}")


def _patiently(url: str, key: str, cursor: int) -> Any:
    """Ask again while the backend is started again, as `convexity dev` does at every change."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return _poll(url, key, cursor)
        except CommandError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE)


def _text(entry: dict[str, Any]) -> str:
    at = time.strftime("%H:%M:%S", time.localtime(entry["timestamp"]))
    kind = entry["udfType"].lower()
    milliseconds = entry["executionTime"] * 1000
    outcome = "failed" if entry["error"] is not None else "ok"
    lines = [f"{at} {kind} {entry['identifier']} {outcome} {milliseconds:.1f} ms"]
    lines += [f"  {line}" for line in entry["logLines"]]
    if entry["error"] is not None:
        lines += [f"  {line}" for line in entry["error"].rstrip().splitlines()]
    return "\n".join(lines)
