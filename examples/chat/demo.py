"""Serve the compiled chat with a page beside it, and say where.

    convexity build
    pip install -r dist/requirements.txt
    python demo.py [--port 3210] [--page-port 3000] [--page react/dist]

Without OPENAI_API_KEY the answers come from the model server in this folder.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import http.server
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

FOLDER = Path(__file__).resolve().parent
START_TIMEOUT = 60.0
"""Seconds a server may take until it answers."""


def main() -> int:
    """Run the demo until it is interrupted; return the exit code."""
    arguments = parse_arguments()
    for port, option in ((arguments.port, "PORT"), (arguments.page_port, "PAGE_PORT")):
        if is_in_use(port):
            print(
                f"port {port} is in use: stop what listens there, or choose another, "
                f"make demo {option}={port + 1}",
                file=sys.stderr,
            )
            return 1
    if not (FOLDER / "dist" / "main.py").exists():
        print("dist/ is missing: run `convexity build` in examples/chat first", file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, interrupt)
    with contextlib.suppress(KeyboardInterrupt), contextlib.ExitStack() as stack:
        environment = dict(os.environ)
        if not environment.get("OPENAI_API_KEY"):
            environment.update(stack.enter_context(local_model()))
        backend = f"http://127.0.0.1:{arguments.port}"
        server = stack.enter_context(
            process([sys.executable, "main.py", "--port", str(arguments.port)], environment)
        )
        wait_until_answering(f"{backend}/version", server)
        stack.enter_context(page_server(FOLDER / arguments.page, arguments.page_port))
        print(f"Backend       {backend}  (API: {backend}/docs)")
        page = f"http://127.0.0.1:{arguments.page_port}/?backend={backend}"
        print(f"Chat          {page}")
        print("Stop with Ctrl-C.", flush=True)
        return server.wait()
    return 0


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Serve the chat example.")
    parser.add_argument("--port", type=int, default=3210, help="backend port (default 3210)")
    parser.add_argument("--page-port", type=int, default=3000, help="page port (default 3000)")
    parser.add_argument("--page", default="web", help="folder of the page (default web)")
    return parser.parse_args()


def is_in_use(port: int) -> bool:
    """Tell whether something listens on a loopback port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def interrupt(_signum: int, _frame: FrameType | None) -> None:
    """Turn a termination signal into an orderly stop."""
    raise KeyboardInterrupt


@contextlib.contextmanager
def process(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in the compiled backend's folder and end it with the block."""
    child = subprocess.Popen(command, cwd=FOLDER / "dist", env=environment)
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextlib.contextmanager
def local_model() -> Iterator[dict[str, str]]:
    """Start the local model server; yield the variables that point the openai package at it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [sys.executable, str(FOLDER / "model_server.py"), "--port", str(port)]
    with process(command, dict(os.environ)) as child:
        address = f"http://127.0.0.1:{port}/v1"
        wait_until_answering(f"{address}/models", child)
        print(
            f"OPENAI_API_KEY is not set: answers come from the local model server at {address}",
            flush=True,
        )
        yield {"OPENAI_API_KEY": "local", "OPENAI_BASE_URL": address}


@contextlib.contextmanager
def page_server(folder: Path, port: int) -> Iterator[None]:
    """Serve the page in a folder from a thread."""
    handler = functools.partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serve files without a line for each request."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep the terminal for the backend's own log."""


def wait_until_answering(url: str, child: subprocess.Popen[bytes]) -> None:
    """Wait until a server answers; raise SystemExit when it ends or never answers."""
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise SystemExit(f"the server for {url} ended with exit code {child.returncode}")
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.05)
    raise SystemExit(f"{url} did not answer within {START_TIMEOUT:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
