"""The backend that ``convexity dev`` runs as a child process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import click

from convexity_compiler.cli import dev_address, local_variables
from convexity_compiler.cli.dev_folder import DATABASE, DEV_FOLDER
from convexity_compiler.cli.listening import listen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

START_SECONDS = 60.0
"""How long a backend may take to be imported, and again to answer, deploying its schema."""
STOP_SECONDS = 10.0
"""How long a backend may take to finish running requests before it is killed."""
POLL_SECONDS = 0.05

_LOADED = "loaded"
_CHILD = f"""\
import os, pathlib, signal, socket, sys, threading
folder = pathlib.Path(sys.argv.pop(1))
sockets = [socket.socket(fileno=int(number)) for number in sys.argv.pop(1).split(",")]
sys.path[0] = str(folder)
import main
from convexity.http import serve
(folder / {_LOADED!r}).touch()
def follow_parent():
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)
if sys.stdin.readline():
    threading.Thread(target=follow_parent, daemon=True).start()
    main.backend.admin_key_hint = "`convexity run` finds it by itself"
    serve(main.app, "main:app", sockets=sockets)
"""
"""Imports a backend, says so by a file, and serves it when a line comes in: whatever is wrong with
the user's modules shows while the old server still answers. The parent holds the sockets, in which
connections wait for the next server. It ends when its parent does."""


class DevServer:
    """Runs one of two builds: the last good one stays on disk while the next is tried.

    Raises CommandError when it cannot listen.
    """

    def __init__(self, root: Path, host: str, port: int) -> None:
        self._root = root
        self._host = host
        self._port = port
        self._sockets = listen(host, port)
        self._slots = (root / DEV_FOLDER / "a", root / DEV_FOLDER / "b")
        self._good: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Address of the server."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    @property
    def is_running(self) -> bool:
        """Whether the child process lives."""
        return self._process is not None and self._process.poll() is None

    def next_slot(self) -> Path:
        """Return the folder to build into: the one the last good server does not use."""
        return self._slots[1] if self._good == self._slots[0] else self._slots[0]

    def replace(self, folder: Path) -> bool:
        """Serve the build in ``folder``; if it does not start, serve the last good one again."""
        fresh = self._load(folder)
        if fresh is None:
            return False
        self._stop()
        if self._serve(fresh):
            self._good = folder
            return True
        if self._good is not None:
            click.echo("Going back to the last good version.", err=True)
            former = self._load(self._good)
            if former is not None:
                self._serve(former)
        return False

    def close(self) -> None:
        """End the child process and listen no more."""
        self._stop()
        for listener in self._sockets:
            listener.close()

    def report_exit(self) -> None:
        """Say so when the child process ended by itself."""
        if self._process is not None and self._process.poll() is not None:
            click.echo(
                f"The server exited with code {self._process.returncode};"
                " it starts again at the next change.",
                err=True,
            )
            self._process = None
            dev_address.withdraw(self._root)

    def _stop(self) -> None:
        """End the child process, first kindly."""
        process, self._process = self._process, None
        if process is not None:
            dev_address.withdraw(self._root)
            _end(process)

    def _load(self, folder: Path) -> subprocess.Popen[bytes] | None:
        """Start a process that has imported the build and waits; None when it fails to."""
        loaded = folder / _LOADED
        loaded.unlink(missing_ok=True)
        numbers = [listener.fileno() for listener in self._sockets]
        process = subprocess.Popen(
            [
                *(sys.executable, "-c", _CHILD, folder, ",".join(map(str, numbers))),
                *("--host", self._host, "--port", str(self._port)),
            ],
            cwd=self._root,
            env=self._environment(),
            stdin=subprocess.PIPE,
            pass_fds=numbers,
        )
        return process if _wait(process, loaded.exists, "was not imported") else None

    def _serve(self, process: subprocess.Popen[bytes]) -> bool:
        """Let a loaded process serve; report whether it answers."""
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
        if not _wait(process, self._answers, "did not answer"):
            return False
        self._process = process
        dev_address.publish(self._root, self.url)
        return True

    def _environment(self) -> dict[str, str]:
        database = self._root / DATABASE
        database.parent.mkdir(parents=True, exist_ok=True)
        return {
            "DATABASE_URL": f"sqlite:///{database}",
            "STORAGE_URL": f"file:///{database.with_name('storage')}",
            **local_variables.read(self._root),
            **os.environ,
        }

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/version", timeout=1):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False


def _wait(process: subprocess.Popen[bytes], ready: Callable[[], bool], failure: str) -> bool:
    """Wait until ``ready``; False when the process ends before, or takes too long and is ended."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            click.echo(f"The new server exited with code {process.returncode}.", err=True)
            return False
        if ready():
            return True
        time.sleep(POLL_SECONDS)
    click.echo(f"The new server {failure} within {START_SECONDS:.0f} seconds.", err=True)
    _end(process)
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin is not None:
        process.stdin.close()
