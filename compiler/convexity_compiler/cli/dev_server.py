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

if TYPE_CHECKING:
    from pathlib import Path

START_SECONDS = 60.0
"""How long a backend may take to answer, deploying its schema included."""
STOP_SECONDS = 10.0
"""How long a backend may take to finish running requests before it is killed."""
POLL_SECONDS = 0.05

DEV_FOLDER = ".convexity/dev"
DATABASE = f"{DEV_FOLDER}/data/app.db"
"""Database of the development server, relative to the project root."""


class DevServer:
    """Runs one of two builds: the last good one stays on disk while the next is tried."""

    def __init__(self, root: Path, host: str, port: int) -> None:
        self._root = root
        self._host = host
        self._port = port
        self._slots = (root / DEV_FOLDER / "a", root / DEV_FOLDER / "b")
        self._good: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Address of the server."""
        return f"http://{self._host}:{self._port}"

    @property
    def is_running(self) -> bool:
        """Whether the child process lives."""
        return self._process is not None and self._process.poll() is None

    def next_slot(self) -> Path:
        """Return the folder to build into: the one the last good server does not use."""
        return self._slots[1] if self._good == self._slots[0] else self._slots[0]

    def replace(self, folder: Path) -> bool:
        """Serve the build in ``folder``; if it does not start, serve the last good one again."""
        self.stop()
        if self._start(folder):
            self._good = folder
            return True
        if self._good is not None:
            click.echo("The new version does not start; going back to the last good one.", err=True)
            self._start(self._good)
        return False

    def stop(self) -> None:
        """End the child process, first kindly."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def report_exit(self) -> None:
        """Say so when the child process ended by itself."""
        if self._process is not None and self._process.poll() is not None:
            click.echo(
                f"The server exited with code {self._process.returncode};"
                " it starts again at the next change.",
                err=True,
            )
            self._process = None

    def _start(self, folder: Path) -> bool:
        if self._answers():
            click.echo(
                f"error: another server answers at {self.url}; stop it, or choose another --port",
                err=True,
            )
            return False
        database = self._root / DATABASE
        database.parent.mkdir(parents=True, exist_ok=True)
        environment = {
            "DATABASE_URL": f"sqlite:///{database}",
            "STORAGE_URL": f"file:///{database.with_name('storage')}",
            **os.environ,
        }
        self._process = subprocess.Popen(
            [sys.executable, folder / "main.py", "--host", self._host, "--port", str(self._port)],
            cwd=self._root,
            env=environment,
        )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                click.echo(f"The server exited with code {self._process.returncode}.", err=True)
                self._process = None
                return False
            if self._answers():
                return True
            time.sleep(POLL_SECONDS)
        click.echo(f"The server did not answer within {START_SECONDS:.0f} seconds.", err=True)
        self.stop()
        return False

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/version", timeout=1):
                return True
        except urllib.error.HTTPError:
            return True
        except (urllib.error.URLError, OSError):
            return False
