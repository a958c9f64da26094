"""``convexity dev`` as a process: serve, reload, survive mistakes, stop."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compiler.cli.cli_support import Run

SECONDS = 90.0


class Dev:
    """The process and what it says."""

    def __init__(self, project: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "convexity_compiler", "dev", "--host", "127.0.0.1"]
        self.process = subprocess.Popen(
            [*command, "--port", str(port)],
            cwd=project,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "CONVEXITY_ADMIN_KEY": ""},
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._lines.put(line)

    def wait_for(self, text: str) -> str:
        """Return what was said up to the line with ``text``."""
        said = ""
        while text not in said:
            try:
                said += self._lines.get(timeout=SECONDS)
            except queue.Empty:
                pytest.fail(f"{text!r} does not come; so far: {said}")
        return said


@pytest.fixture
def dev(project: Path) -> Iterator[Dev]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running = Dev(project, port)
    yield running
    running.process.kill()
    running.process.wait()
    running.reader.join()


def test_a_busy_port(project: Path, run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = run("dev", "--host", "127.0.0.1", "--port", str(port))

    assert result.exit_code == 2
    assert f"cannot listen on 127.0.0.1, port {port}" in result.stderr
    assert "choose another --port" in result.stderr


def test_connections_wait_while_servers_change(project: Path, dev: Dev, run: Run) -> None:
    dev.wait_for(f"Serving {dev.url}")
    stop = threading.Event()
    failures: list[OSError] = []
    answers: list[int] = []

    def ask() -> None:
        while not stop.is_set():
            try:
                with urllib.request.urlopen(f"{dev.url}/version", timeout=SECONDS) as answer:
                    answers.append(answer.status)
            except OSError as error:
                failures.append(error)

    client = threading.Thread(target=ask)
    client.start()
    try:
        module = project / "convex" / "messages.py"
        module.write_text(module.read_text().replace("tidied", "swept"))
        dev.wait_for(f"Serving {dev.url}")
    finally:
        stop.set()
        client.join()
    assert failures == []
    assert answers


def test_a_schema_that_the_data_does_not_fit(project: Path, dev: Dev, run: Run) -> None:
    dev.wait_for(f"Serving {dev.url}")
    assert run("run", "messages:send", '{"author": "Ada", "content": "hi"}').exit_code == 0

    schema = project / "convex" / "schema.py"
    schema.write_text(schema.read_text().replace("content=v.string()", "content=v.number()"))
    dev.wait_for("The last good version keeps running.")

    result = run("run", "api.messages.by_author", '{"author": "Ada"}')
    assert [message["content"] for message in json.loads(result.stdout)] == ["hi"]


def test_a_day_of_work(project: Path, dev: Dev, run: Run) -> None:
    said = dev.wait_for(f"Serving {dev.url} (ready in ")
    assert said.startswith("Building ...\n")
    assert "`convexity run` finds it by itself" in said
    assert "Serving at" not in said
    assert (
        run(
            "run", "messages:send", '{"author": "Ada", "content": "hi"}', "--url", dev.url
        ).exit_code
        == 0
    )

    module = project / "convex" / "messages.py"
    sound = module.read_text()
    module.write_text(sound + "\n@query(")
    said = dev.wait_for("The last good version keeps running.")
    assert "syntax-error" in said

    module.write_text(sound + "\nraise RuntimeError('at import')\n")
    said = dev.wait_for("The last good version keeps running.")
    assert "RuntimeError: at import" in said

    result = run("run", "api.messages.by_author", '{"author": "Ada"}', "--url", dev.url)
    assert [message["content"] for message in json.loads(result.stdout)] == ["hi"]

    module.write_text(
        sound.replace("def tidy", "def sweep")
        .replace("tidied", "swept")
        .replace("author: str, content: str", "author: float, content: str")
    )
    dev.wait_for(f"Serving {dev.url} although check finds 1 error (ready in ")
    result = run("run", "internal.messages.sweep", "--url", dev.url)
    assert (result.exit_code, json.loads(result.stdout)) == (0, None)
    assert "swept" in result.stderr

    dev.process.send_signal(signal.SIGINT)
    assert dev.process.wait(SECONDS) == 0
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"{dev.url}/version", timeout=5)
