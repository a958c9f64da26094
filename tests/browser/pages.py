"""Building and serving the pages that browsers open."""

from __future__ import annotations

import contextlib
import functools
import http.server
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.backends import EXAMPLES

FRONT_END = EXAMPLES / "chat" / "react"

needs_npm_packages = pytest.mark.skipif(
    not (FRONT_END / "node_modules").exists(),
    reason="no npm packages: run `make examples/chat/react/node_modules`",
)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        return


def build(source: Path, target: Path) -> None:
    """Bundle a page with the tools of the React front end."""
    subprocess.run(
        [FRONT_END / "node_modules" / ".bin" / "vite", "build", "--outDir", target],
        cwd=source,
        check=True,
        capture_output=True,
    )


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder until the end of the block; yields its address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
