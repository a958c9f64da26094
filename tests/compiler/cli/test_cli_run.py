"""``convexity run`` against a server that records what it is asked."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from convexity_compiler.cli.dev_server import DATABASE

from tests.compiler.cli.cli_support import Run


@dataclass
class Backend:
    """Answers every call with ``answer``; only ``key`` is an admin."""

    url: str = ""
    key: str = "test|0123456789"
    status: int = 200
    answer: Any = field(default_factory=lambda: {"status": "success", "value": None})
    calls: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture
def backend() -> Iterator[Backend]:
    state = Backend()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply(200 if self._is_admin() else 403, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if not self._is_admin():
                self._reply(403, {"code": "BadDeployKey", "message": "no admin"})
                return
            state.calls.append(json.loads(body))
            self._reply(state.status, state.answer)

        def _is_admin(self) -> bool:
            return self.headers["Authorization"] == f"Convex {state.key}"

        def _reply(self, status: int, value: Any) -> None:
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


def keep_key(path: Path, key: str) -> None:
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE _convexity_meta (key TEXT PRIMARY KEY, value TEXT)")
        database.execute("INSERT INTO _convexity_meta VALUES ('admin_key', ?)", [key])
        database.commit()


@pytest.mark.parametrize(
    ("spelling", "path"),
    [
        ("api.messages.list", "messages:list"),
        ("internal.messages.access.h", "messages/access:h"),
        ("messages:list", "messages:list"),
        ("messages/access:h", "messages/access:h"),
        ("convex/messages.py:list", "messages:list"),
        ("messages/access.py:h", "messages/access:h"),
    ],
)
def test_spellings_of_a_function(
    project: Path, backend: Backend, run: Run, spelling: str, path: str
) -> None:
    result = run("run", spelling, "--url", backend.url, "--admin-key", backend.key)

    assert result.exit_code == 0
    assert backend.calls == [{"path": path, "args": {}, "format": "json"}]


@pytest.mark.parametrize("spelling", ["list", "api.list", "messages.list", "/a:b", "a:b:c", "a:1"])
def test_spellings_of_nothing(project: Path, backend: Backend, run: Run, spelling: str) -> None:
    result = run("run", spelling, "--url", backend.url, "--admin-key", backend.key)

    assert result.exit_code == 2
    assert f"`{spelling}` names no function" in result.stderr
    assert backend.calls == []


def test_result_on_stdout_and_log_lines_on_stderr(
    project: Path, backend: Backend, run: Run
) -> None:
    backend.answer = {"status": "success", "value": {"n": 1.0}, "logLines": ["[LOG] 'hi'"]}

    result = run(
        "run", "a:b", '{"name": "Ada"}', "--url", f"{backend.url}/", "--admin-key", backend.key
    )

    assert json.loads(result.stdout) == {"n": 1.0}
    assert result.stderr == "[LOG] 'hi'\n"
    assert backend.calls[0]["args"] == {"name": "Ada"}


def test_an_error_of_the_function(project: Path, backend: Backend, run: Run) -> None:
    backend.answer = {
        "status": "error",
        "errorMessage": "Uncaught ConvexError: no\n",
        "errorData": {"code": "no"},
    }

    result = run("run", "a:b", "--url", backend.url, "--admin-key", backend.key)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == 'Uncaught ConvexError: no\n{"code": "no"}\n'


@pytest.mark.parametrize("args", ["{", "[]", "1"])
def test_arguments_that_are_no_object(project: Path, backend: Backend, run: Run, args: str) -> None:
    result = run("run", "a:b", args, "--url", backend.url, "--admin-key", backend.key)

    assert result.exit_code == 2
    assert "ARGS" in result.stderr


def test_a_wrong_key(project: Path, backend: Backend, run: Run) -> None:
    result = run("run", "a:b", "--url", backend.url, "--admin-key", "wrong|key")

    assert result.exit_code == 2
    assert "403, BadDeployKey: no admin" in result.stderr
    assert "--admin-key" in result.stderr


def test_the_key_of_a_local_database_is_found(project: Path, backend: Backend, run: Run) -> None:
    keep_key(project / DATABASE, "other|1234567")
    keep_key(project / "dist" / "data" / "app.db", backend.key)

    assert run("run", "a:b", "--url", backend.url).exit_code == 0


def test_local_keys_are_not_sent_elsewhere(project: Path, run: Run) -> None:
    keep_key(project / DATABASE, "local|1234567")

    result = run("run", "a:b", "--url", "https://backend.invalid")

    assert result.exit_code == 2
    assert "the admin key of https://backend.invalid is needed" in result.stderr


def test_nobody_answers(project: Path, run: Run) -> None:
    result = run("run", "a:b", "--url", "http://127.0.0.1:1", "--admin-key", "a|1234567")

    assert result.exit_code == 2
    assert "no backend answers at http://127.0.0.1:1" in result.stderr
    assert "convexity dev" in result.stderr
