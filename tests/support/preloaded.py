"""Backends that start fast: forked from a process which has imported what they stand on.

A backend spends most of its start on importing FastAPI and the like. Here a process of the standard
library's fork server does that once. Each backend is a process of its own all the same, in which
``main.py`` runs as the program; much of ``tests/http/test_http_start.py`` starts it without such
help.

This module imports nothing but the standard library: it is imported in every such process, where
``convexity`` must be the copy that the backend carries.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path

_LIBRARIES = (
    "fastapi.openapi.models",
    "httptools",
    "jwt",
    "prometheus_client",
    "pydantic",
    "uvicorn",
    "uvloop",
    "websockets",
)


class PreloadedProcess:
    """``main.py`` of a backend in a forked process, with the methods of ``subprocess.Popen``."""

    def __init__(
        self, folder: Path, arguments: Sequence[str], variables: Mapping[str, str], output: Path
    ) -> None:
        """Start it in ``folder``, with exactly these environment variables; stdout and stderr go
        to the file ``output``."""
        given = (str(folder), tuple(arguments), dict(variables), str(output))
        self._process = _fork_server().Process(target=_run, args=given)
        self._process.start()
        self.args = ["main.py", *arguments]

    @property
    def pid(self) -> int:
        """Number of the process."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Exit status, negative for a signal; None as long as it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; the exit status.

        Raises:
            subprocess.TimeoutExpired: it runs still.
        """
        self._process.join(timeout)
        status = self.poll()
        if status is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return status

    def send_signal(self, signal: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, signal)

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()


@cache
def _fork_server() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_LIBRARIES))
    return context


def _run(folder: str, arguments: Sequence[str], variables: Mapping[str, str], output: str) -> None:
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    for standard in (1, 2):
        os.dup2(file, standard)
    os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    program = os.path.join(folder, "main.py")
    sys.argv = [program, *arguments]
    installed = (sys.prefix, sys.base_prefix)
    sys.path[:] = [folder, *(path for path in sys.path if path.startswith(installed))]
    try:
        runpy.run_path(program, run_name="__main__")
    finally:
        atexit._run_exitfuncs()
