"""Start the measured servers and wait until they answer."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO

START_TIMEOUT = 60.0
"""Seconds a server may take until it answers."""


@contextlib.contextmanager
def serve(command: list[str], port: int, *, folder: Path, **variables: str) -> Iterator[int]:
    """Run a server for the length of the block, once it answers; give its process id."""
    # A file, not a pipe: uvicorn logs every socket, and would wait for somebody to read it.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=folder,
            env={**os.environ, **variables},
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
        try:
            wait_until_answering(port, process, log)
            yield process.pid
        finally:
            process.terminate()
            process.wait()


def wait_until_answering(port: int, process: subprocess.Popen[bytes], log: IO[str]) -> None:
    """Wait for the first answer; raise RuntimeError with the server's log when it ends."""
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            log.seek(0)
            raise RuntimeError(f"server ended: {log.read()}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"no answer on port {port} within {START_TIMEOUT:.0f} s")


def free_port() -> int:
    """Return a loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
