"""``convexity run`` against a server that records what it is asked."""

from __future__ import annotations

import json
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from convexity_compiler.cli import dev_address
from convexity_compiler.cli.admin_key import local_admin_keys
from convexity_compiler.cli.dev_folder import DATABASE
from convexity_compiler.config import load_config

from tests.compiler.cli.cli_support import Run


@dataclass
class Backend:
    """Answers every call with ``answer``; only ``key`` is an admin."""

    url: str = ""
    key: str = "test|0123456789"
    status: int = 200
    answer: Any = field(default_factory=lambda: {"status": "success", "value": None})
    calls: list[dict[str, Any]] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    public_calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


@pytest.fixture
def backend() -> Iterator[Backend]:
    state = Backend()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply(200 if self._is_admin() else 403, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if "Authorization" not in self.headers:
                state.public_calls.append((self.path, json.loads(body)))
                self._reply(state.status, state.answer)
                return
            if not self._is_admin():
                self._reply(403, {"code": "BadDeployKey", "message": "no admin"})
                return
            state.calls.append(call := json.loads(body))
            if call.get("path") == "_system/cli/modules:apiSpec":
                described = [{"identifier": path} for path in state.functions]
                self._reply(200, {"status": "success", "value": described})
                return
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
    assert backend.calls == [{"path": path, "args": {}, "format": "export_json"}]


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


def test_arguments_that_are_nested_too_deeply(project: Path, backend: Backend, run: Run) -> None:
    deep = '{"a":' * 100_000 + "1" + "}" * 100_000

    result = run("run", "a:b", deep, "--url", backend.url, "--admin-key", backend.key)

    assert (result.exit_code, result.stderr) == (2, "error: ARGS is nested too deeply\n")


def test_acting_as_a_user_needs_the_key(project: Path, backend: Backend, run: Run) -> None:
    result = run("run", "a:b", "--identity", '{"subject": "ada"}', "--url", backend.url)

    assert result.exit_code == 2
    assert "--identity needs the admin key" in result.stderr
    assert backend.calls == backend.public_calls == []


def test_an_identity_that_is_no_object(project: Path, backend: Backend, run: Run) -> None:
    result = run("run", "a:b", "--identity", "ada", "--url", backend.url)

    assert result.exit_code == 2
    assert "--identity is not valid JSON" in result.stderr


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

    assert local_admin_keys(load_config(project), "https://backend.invalid", {}) == []


def test_a_public_function_needs_no_key(project: Path, backend: Backend, run: Run) -> None:
    keep_key(project / DATABASE, "other|1234567")
    backend.answer = {"status": "success", "value": "hi"}

    result = run("run", "messages/deep:list", '{"a": 1}', "--url", backend.url)

    assert (result.exit_code, result.stdout) == (0, '"hi"\n')
    assert backend.public_calls == [
        ("/api/run/messages/deep/list", {"args": {"a": 1}, "format": "export_json"})
    ]


@pytest.mark.parametrize(
    ("path", "words"),
    [("messages:tdy", "help: did you mean `messages:tidy`?\n"), ("books:find", "")],
)
def test_the_nearest_function(
    project: Path, backend: Backend, run: Run, path: str, words: str
) -> None:
    error = f"Could not find function for '{path}'."
    backend.answer = {"status": "error", "errorMessage": error}
    backend.functions = ["messages.js:send", "messages.js:tidy"]

    result = run("run", path, "--url", backend.url, "--admin-key", backend.key)

    assert (result.exit_code, result.stderr) == (1, f"{error}\n{words}")


def test_an_internal_function_needs_the_key(project: Path, backend: Backend, run: Run) -> None:
    backend.answer = {
        "status": "error",
        "errorMessage": "Could not find public function for 'messages:tidy'.",
    }

    result = run("run", "internal.messages.tidy", "--url", backend.url)

    assert result.exit_code == 1
    assert "an internal function needs the admin key" in result.stderr
    assert DATABASE in result.stderr


@pytest.mark.parametrize(
    ("spelling", "message"),
    [
        ("internal.messages.send", "`messages:send` is public\nhelp: write `api.messages.send`"),
        (
            "api.messages.tidy",
            "`messages:tidy` is internal\nhelp: write `internal.messages.tidy`",
        ),
    ],
)
def test_the_wrong_kind_of_reference(
    project: Path, backend: Backend, run: Run, spelling: str, message: str
) -> None:
    result = run("run", spelling, "--url", backend.url, "--admin-key", backend.key)

    assert result.exit_code == 2
    assert message in result.stderr
    assert backend.calls == []


PRICES = """\
from convexity.server import query
from convexity.values import v


@query(
    args={
        "cents": v.int64(),
        "many": v.optional(v.array(v.union(v.int64(), v.null()))),
        "either": v.optional(v.union(v.number(), v.int64())),
    },
    returns=v.int64(),
)
async def double(ctx, cents, many=None, either=None): ...
"""
FIVE = {"$integer": "BQAAAAAAAAA="}


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ('{"cents": 5}', {"cents": FIVE}),
        ('{"cents": "5"}', {"cents": FIVE}),
        ('{"cents": {"$integer": "BQAAAAAAAAA="}}', {"cents": FIVE}),
        ('{"cents": 5, "many": [5, null]}', {"cents": FIVE, "many": [FIVE, None]}),
        ('{"cents": 5, "either": 5}', {"cents": FIVE, "either": 5}),
        ('{"cents": 5.5}', {"cents": 5.5}),
        ('{"cents": 9223372036854775808}', {"cents": 2**63}),
        ('{"cents": true}', {"cents": True}),
    ],
)
def test_integers_for_int64(
    project: Path, backend: Backend, run: Run, given: str, sent: object
) -> None:
    (project / "convex" / "prices.py").write_text(PRICES)
    backend.answer = {"status": "success", "value": 10}

    result = run("run", "prices:double", given, "--url", backend.url, "--admin-key", backend.key)

    assert (result.exit_code, result.stdout) == (0, "10\n")
    assert backend.calls[0]["args"] == sent


def test_int64_without_the_project(project: Path, backend: Backend, run: Run) -> None:
    backend.answer = {
        "status": "error",
        "errorMessage": "ArgumentValidationError: no.\n\nPath: .n\nValidator: v.int64()",
    }

    result = run("run", "a:b", '{"n": 5}', "--url", backend.url, "--admin-key", backend.key)

    assert '{"$integer": "BQAAAAAAAAA="}' in result.stderr


def test_an_address_without_a_scheme(project: Path, run: Run) -> None:
    result = run("run", "nothing", "--url", "127.0.0.1:4320")

    assert result.exit_code == 2
    assert "begin it with http://" in result.stderr


def test_an_answer_that_is_not_http(project: Path, run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def reply() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"SSH-2.0-OpenSSH\r\n")

        thread = threading.Thread(target=reply)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        result = run("run", "a:b", "--url", url, "--admin-key", "a|1234567")
        thread.join()

    assert result.exit_code == 2
    assert f"what answers at {url} is not a convexity backend" in result.stderr


@pytest.mark.parametrize(
    "answer", [[], 5, {}, {"status": "success"}, {"status": "error", "logLines": 5}], ids=str
)
def test_json_of_something_else(project: Path, backend: Backend, run: Run, answer: Any) -> None:
    backend.answer = answer
    result = run("run", "a:b", "--url", backend.url, "--admin-key", backend.key)

    assert result.exit_code == 2
    assert f"what answers at {backend.url} is not a convexity backend" in result.stderr


def test_an_address_that_cannot_be_read(project: Path, run: Run) -> None:
    result = run("run", "a:b", "--url", "http://[::1", "--admin-key", "a|1234567")

    assert result.exit_code == 2
    assert "`http://[::1` is not an HTTP address" in result.stderr


def test_the_address_of_a_running_dev_is_found(project: Path, backend: Backend, run: Run) -> None:
    dev_address.publish(project, backend.url)

    assert run("run", "a:b", "--admin-key", backend.key).exit_code == 0
    assert len(backend.calls) == 1


def test_nobody_answers(project: Path, run: Run) -> None:
    result = run("run", "a:b", "--url", "http://127.0.0.1:1", "--admin-key", "a|1234567")

    assert result.exit_code == 2
    assert "no backend answers at http://127.0.0.1:1" in result.stderr
    assert "convexity dev" in result.stderr
