"""Build projects with the real compiler and serve them in real processes."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from compileall import compile_dir
from dataclasses import dataclass, field
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import httpx
from click.testing import CliRunner
from convexity_compiler.cli import main

from tests.support.engines import served_url
from tests.support.preloaded import PreloadedProcess

REPOSITORY = Path(__file__).resolve().parents[2]
RUNTIME = REPOSITORY / "runtime_stub" / "convexity"
FIXTURES = REPOSITORY / "tests" / "fixtures"
EXAMPLES = REPOSITORY / "examples"
ADMIN_KEY = "test|0123456789abcdef"
START_TIMEOUT = 180.0


def run_cli(
    *arguments: str,
    folder: Path,
    check: bool = True,
    given: str | None = None,
    **variables: str,
) -> subprocess.CompletedProcess[str]:
    """Run the convexity command in a folder, with further environment variables and ``given`` as
    its input."""
    return subprocess.run(
        [sys.executable, "-m", "convexity_compiler", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=check,
        input=given,
        env={**os.environ, **variables},
    )


def copy_project(source: Path, target: Path) -> Path:
    """Copy a project without what was generated from it."""
    ignored = shutil.ignore_patterns("_generated", "dist", "__pycache__", ".convexity")
    shutil.copytree(source, target, ignore=ignored)
    return target


def build_project(source: Path, target: Path) -> Path:
    """Copy a project, compile it and return its ``dist`` folder."""
    return built(copy_project(source, target))


def built(project: Path) -> Path:
    """Compile a project by the command line, in this process; return its ``dist`` folder."""
    done = CliRunner().invoke(main, ["build", "--no-check", "--project", str(project)])
    assert done.exit_code == 0, done.output
    share_bytecode(project / "dist")
    return project / "dist"


@cache
def compile_runtime() -> None:
    """Compile the runtime where it lies."""
    compile_dir(RUNTIME, quiet=1)


def share_bytecode(dist: Path) -> None:
    """Give a backend the bytecode of the runtime, which it carries a copy of: compiling that
    takes as long as everything else that a server does when it starts."""
    compile_runtime()
    for source in RUNTIME.rglob("*.py"):
        copy = dist / source.relative_to(RUNTIME.parent)
        if copy.exists():
            shutil.copystat(source, copy)  # bytecode holds the time of its source
            bytecode = Path(cache_from_source(str(source)))
            target = Path(cache_from_source(str(copy)))
            target.parent.mkdir(exist_ok=True)
            shutil.copy2(bytecode, target)


def free_port() -> int:
    """Return a loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Server:
    """A running backend."""

    process: subprocess.Popen[bytes] | PreloadedProcess
    port: int
    log: Path
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.url, timeout=60)

    @property
    def url(self) -> str:
        """Address of the backend."""
        return f"http://127.0.0.1:{self.port}"

    def component(self, component: str, path: str, /, **args: object) -> Any:
        """Call a function of a component as an admin; its value in format ``json``."""
        headers = {"Authorization": f"Convex {ADMIN_KEY}"}
        body = {"componentPath": component, "path": path, "args": args, "format": "json"}
        answer = self.client.post("/api/function", json=body, headers=headers).json()
        assert answer["status"] == "success", answer
        return answer["value"]

    def error(self, kind: str, path: str, /, **args: object) -> dict[str, Any]:
        """Call a function, check that it failed and return the answer."""
        body = {"path": path, "args": args, "format": "json"}
        answer: dict[str, Any] = self.client.post(f"/api/{kind}", json=body).json()
        assert answer["status"] == "error", answer
        return answer

    def call(self, kind: str, path: str, /, *, admin: bool = False, **args: object) -> Any:
        """Call a function, check that it succeeded and return its value in format ``json``."""
        headers = {"Authorization": f"Convex {ADMIN_KEY}"} if admin else {}
        body = {"path": path, "args": args, "format": "json"}
        answer = self.client.post(f"/api/{kind}", json=body, headers=headers).json()
        assert answer["status"] == "success", answer
        return answer["value"]

    def kill(self) -> None:
        """End the process as a crash does, without any chance to clean up."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def wait_until_answering(self) -> None:
        """Wait for the first answer; fail with the log when the process ends before."""
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended:\n{self.log.read_text()}")
            with contextlib.suppress(httpx.TransportError):
                # Another program may hold the port, and never answer.
                self.client.get("/version", timeout=2)
                return
            time.sleep(0.02)
        raise AssertionError(f"the server did not answer:\n{self.log.read_text()}")


def start_plainly(
    dist: Path, arguments: Sequence[str], variables: Mapping[str, str], output: Path
) -> subprocess.Popen[bytes]:
    """Start a backend as its users do, with exactly these environment variables; stdout and stderr
    go to the file ``output``."""
    with output.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "main.py", *arguments],
            cwd=dist,
            env=variables,
            stdout=file,
            stderr=subprocess.STDOUT,
        )


@contextlib.contextmanager
def serve(
    dist: Path, *, port: int | None = None, arguments: Sequence[str] = (), **variables: str
) -> Iterator[Server]:
    """Serve a compiled backend by its own main.py until the end of the block."""
    port = port or free_port()
    log = dist.parent / f"server-{port}.log"
    environment = {**os.environ, "CONVEXITY_ADMIN_KEY": ADMIN_KEY, **variables}
    database = served_url(environment.get("DATABASE_URL"), dist)
    if database is not None:
        environment["DATABASE_URL"] = database
    environment.pop("PYTHONPATH", None)
    given = ("--port", str(port), *arguments)
    # Several workers are started by a supervisor, which takes itself for the first program.
    start = start_plainly if "--workers" in arguments else PreloadedProcess
    server = Server(start(dist, given, environment, log), port, log)
    process = server.process
    try:
        server.wait_until_answering()
        yield server
    finally:
        server.client.close()
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                server.kill()
