"""Following a page: its files are written, its commands run, its output compared.

How a page is read:

- a block whose first line is a comment with a path is that file; ``(continued)`` appends to it;
- ``python wrong`` is such a file that has mistakes on purpose: it is gone after
  the ``sh fails`` that shows them;
- ``sh`` blocks run one after another, in the folder where the block before ended;
- a ``text`` or ``json`` block right after a command is part of what it prints, ids, times and
  durations aside, with ``...`` for what was left out; ``sh fails`` is a command that exits with an
  error;
- ``<!-- project: page.md -->`` starts with the files of another page, ``<!-- init -->`` with those
  of ``convexity init``.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.docs.markdown_pages import ROOT, Block, blocks
from tests.support.plugin import WITHOUT_SCHEMATHESIS

DEFAULT_PORT = "3210"
NODE_MODULES = ROOT / "tests" / "clients" / "node_modules"
COMMAND_SECONDS = 300
START_SECONDS = 180

_SERVING = re.compile(r"^(\w+=\S+ )*(convexity dev|python (dist/)?main\.py|uvicorn .*main:app)\b")
_ENDING = re.compile("--show-admin-key|fails")
"""What makes such a command end by itself."""
_PROVIDED = re.compile(
    r"^(python -m pip|python3? -m venv|\. \.venv/|npm install|cd dist && docker) ?"
)
"""Commands whose work the test environment has done, or cannot do: installing, containers, git."""
_INIT = "<!-- init -->"
_PROJECT = re.compile(r"<!-- project: (?P<page>[\w./-]+\.md) -->")
_VARYING = (
    (re.compile(r"\b[0-9a-z]{31,32}\b"), "<id>"),
    (re.compile(r"\b1[0-9]{12}(\.\d+)?\b"), "<time>"),
    (re.compile(r"Request ID: [0-9a-f]{16}"), "Request ID: <request>"),
    (re.compile(r"ready in \d+ ms"), "ready in <n> ms"),
)


class PageRun:
    """One page, followed in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._top = self._where = folder / "project"
        self._top.mkdir()
        self._port = str(_free_port())
        self._wrong: list[Path] = []
        self._server: subprocess.Popen[bytes] | None = None
        self._log = folder / "server.log"
        commands = folder / "bin"
        commands.mkdir()
        for name, module in (("convexity", "convexity_compiler"), ("mypy", "mypy")):
            script = commands / name
            script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {module} "$@"\n')
            script.chmod(0o755)
        self._environment = {
            **os.environ,
            "PATH": f"{commands}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTEST_ADDOPTS": " ".join(WITHOUT_SCHEMATHESIS),
            "CONVEX_CLOUD_URL": f"http://127.0.0.1:{self._port}",
            "NO_COLOR": "1",
            "COLUMNS": "100",
        }
        if NODE_MODULES.exists():
            (folder / "node_modules").symlink_to(NODE_MODULES)

    @property
    def root(self) -> Path:
        """The project: the nearest folder with a pyproject.toml, else the folder of the page."""
        for folder in (self._where, *self._where.parents):
            if folder == self._top or (folder / "pyproject.toml").exists():
                return folder
        raise AssertionError(f"the page left its folder for {self._where}")

    def follow(self, page: Path) -> None:
        """Do what the page says, from its first block to its last."""
        text = page.read_text(encoding="utf-8")
        self._start_from(page, text)
        output: str | None = None
        for block in blocks(page):
            where = f"{page.relative_to(ROOT)}:{block.line}"
            if block.language == "sh":
                output = self._run(block, where)
                if block.info == "fails":
                    self._remove_mistakes()
            elif block.file:
                self._write(block)
                output = None
            elif block.language in ("text", "json") and output is not None:
                assert _shows(block.text, output), f"{where} is not what was printed:\n{output}"
                output = None

    def shell(self, command: str, *, fails: bool = False) -> str:
        """Run a command where the last one ended; return what it printed, without what varies."""
        trail = self._top.parent / "trail"
        script = f"trap 'pwd > \"{trail}\"' EXIT\n{self._ported(command)}"
        process = subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self._where,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            printed, _ = process.communicate(timeout=COMMAND_SECONDS)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        assert (process.returncode != 0) is fails, f"{command}\n{printed}"
        self._where = Path(trail.read_text().strip())
        return _normal(printed.replace(self._port, DEFAULT_PORT))

    @contextmanager
    def server_stopped_at_the_end(self) -> Iterator[None]:
        """Stop what the page serves, whatever happens."""
        try:
            yield
        finally:
            self._stop()

    def _remove_mistakes(self) -> None:
        """Delete the files that are wrong on purpose; what is left must be sound."""
        for path in self._wrong:
            path.unlink()
        self._wrong.clear()

    def _run(self, block: Block, where: str) -> str:
        lines = [line for line in block.text.splitlines() if line.strip()]
        commands = [line for line in lines if not _PROVIDED.match(line)]
        if (
            commands
            and _SERVING.match(commands[-1])
            and not _ENDING.search(commands[-1] + block.info)
        ):
            *before, serve = commands
            if before:
                self.shell("\n".join(before))
            return self.serve(serve, where)
        return self.shell("\n".join(commands), fails=block.info == "fails")

    def serve(self, command: str, where: str = "it") -> str:
        """Serve in the background until the next server; return what it printed so far."""
        self._stop()
        if "--port" not in command:
            command = f"{command} --port {DEFAULT_PORT}"
        with self._log.open("wb") as log:
            self._server = subprocess.Popen(
                ["bash", "-c", f"exec env {self._ported(command)}"],
                cwd=self._where,
                env={**self._environment, "CONVEX_CLOUD_URL": ""},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_SECONDS
        ready = "(ready in " if "convexity dev" in command else ""
        while time.monotonic() < deadline and self._server.poll() is None:
            if ready in self._log.read_text() and self._answers():
                return _normal(self._log.read_text().replace(self._port, DEFAULT_PORT))
            time.sleep(0.05)
        raise AssertionError(f"{where} does not serve:\n{self._log.read_text()}")

    def _answers(self) -> bool:
        with (
            suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{self._port}/version", timeout=2),
        ):
            return True
        return False

    def _stop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.terminate()
            try:
                server.wait(timeout=60)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()

    def _start_from(self, page: Path, text: str) -> None:
        """Write what the page takes as given."""
        if _INIT in text:
            self.shell("convexity init")
        match = _PROJECT.search(text)
        if match is None:
            return
        base = (page.parent / match["page"]).resolve()
        self._start_from(base, base.read_text(encoding="utf-8"))
        for block in blocks(base):
            if block.file and block.info != "wrong":
                self._write(block)

    def _write(self, block: Block) -> None:
        assert block.file is not None
        path = self.root / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        content = self._ported(block.content)
        if block.continues:
            content = f"{path.read_text(encoding='utf-8')}\n\n{content}"
        path.write_text(content, encoding="utf-8")
        if block.info == "wrong":
            self._wrong.append(path)

    def _ported(self, text: str) -> str:
        return text.replace(DEFAULT_PORT, self._port)


def copy_of_init(folder: Path) -> dict[str, str]:
    """The files of ``convexity init`` by path."""
    environment = dict(os.environ)
    subprocess.run(
        [sys.executable, "-m", "convexity_compiler", "init", str(folder)],
        env=environment,
        check=True,
        capture_output=True,
    )
    files = {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }
    shutil.rmtree(folder)
    return files


def _shows(text: str, output: str) -> bool:
    """Whether ``text``, in which ``...`` stands for anything, is part of the output."""
    parts = _normal(text).strip("\n").split("...")
    return re.search(".*?".join(map(re.escape, parts)), output, re.DOTALL) is not None


def _normal(text: str) -> str:
    for pattern, name in _VARYING:
        text = pattern.sub(name, text)
    return "\n".join(line.rstrip() for line in text.splitlines())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
