"""Starting, refusing to start, and what a start needs."""

from __future__ import annotations

import concurrent.futures
import functools
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.support.backends import ADMIN_KEY, Server, free_port, serve
from tests.support.engines import IS_POSTGRES, served_url, sqlite_only
from tests.support.preloaded import PreloadedProcess

COMPILER_ONLY = ("convexity_compiler", "convexity_templates", "jinja2", "libcst", "mypy", "sqlglot")


@pytest.fixture
def dist(wire_dist: Path, tmp_path: Path) -> Path:
    """A copy of the backend with no database yet."""
    return Path(
        shutil.copytree(wire_dist, tmp_path / "dist", ignore=shutil.ignore_patterns("data"))
    )


def environment_with(dist: Path, variables: dict[str, str]) -> dict[str, str]:
    database = served_url(variables.get("DATABASE_URL"), dist)
    if database is not None:
        variables = {**variables, "DATABASE_URL": database}
    unset = {"CONVEXITY_ADMIN_KEY", "PYTHONPATH"}
    return {name: os.environ[name] for name in os.environ.keys() - unset} | variables


def start(dist: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run ``main.py`` as its users do."""
    return subprocess.run(
        [sys.executable, "main.py", *arguments],
        cwd=dist,
        env=environment_with(dist, variables),
        capture_output=True,
        text=True,
        timeout=180,
    )


def assert_refused(process: subprocess.CompletedProcess[str], *parts: str) -> None:
    assert_said(process.returncode, process.stderr, *parts)


def start_preloaded(dist: Path, *arguments: str) -> tuple[int, str]:
    """Run ``main.py`` in a process that has what it imports; its exit status, and what it said."""
    log = dist.parent / "log"
    process = PreloadedProcess(dist, arguments, environment_with(dist, {}), log)
    return process.wait(180), log.read_text()


def assert_does_not_start(dist: Path, *parts: str) -> str:
    """Start a backend that cannot start, and return what it said."""
    status, said = start_preloaded(dist, "--port", "0")
    assert_said(status, said, *parts)
    return said


def assert_said(status: int, log: str, *parts: str) -> None:
    assert status == 1, log
    assert "The backend does not start: " in log
    for part in parts:
        assert part in log
    assert "Traceback" not in log


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_setting_that_cannot_be_used(dist: Path, workers: str):
    process = start(
        dist, "--port", "0", "--workers", workers, DATABASE_URL="postgresql://localhost"
    )
    assert_refused(process, "DATABASE_URL", "it names no database")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_server_that_cannot_be_reached(dist: Path, workers: str):
    url = "postgresql://ada:secret@127.0.0.1:1/app"
    process = start(dist, "--port", "0", "--workers", workers, DATABASE_URL=url)
    assert_refused(process, "postgresql://ada@127.0.0.1:1/app cannot be reached")
    assert "secret" not in process.stderr


@sqlite_only
def test_a_database_that_cannot_be_opened(dist: Path):
    (dist / "data").write_text("a file where a folder should be")
    assert_refused(start(dist, "--port", "0"), "app.db")


@sqlite_only
def test_a_file_that_is_no_database(dist: Path):
    (dist / "data").mkdir()
    (dist / "data" / "app.db").write_text("no database" * 1000)
    assert_does_not_start(dist, "app.db")


def test_a_full_disk(dist: Path):
    code = """
import sys
import convexity.database.sqlite.engine as module
from convexity.errors import OverloadedError
async def write(self, work):
    raise OverloadedError("the disk is full")
module.SqliteEngine.write = write
sys.argv = ["main.py", "--port", "0"]
import main
main.serve(main.app, "main:app")
"""
    environment = {k: v for k, v in os.environ.items() if k != "CONVEXITY_ADMIN_KEY"}
    command = [sys.executable, "-c", code]
    process = subprocess.run(
        command, cwd=dist, env=environment, capture_output=True, text=True, timeout=180
    )
    assert_refused(process, "the disk is full")


def test_code_that_differs_from_what_was_compiled(dist: Path):
    module = dist / "convex" / "notes.py"
    source = module.read_text()
    module.write_text(source.replace('args={"text": v.string()}', 'args={"text": v.number()}'))
    assert_does_not_start(dist, "notes:add", "notes:shout", "build again")


def test_a_schema_that_differs_from_what_was_compiled(dist: Path):
    module = dist / "convex" / "schema.py"
    module.write_text(module.read_text().replace("likes=v.number()", "likes=v.string()"))
    assert_does_not_start(dist, "notes", "build again")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('raise KeyError("SETTING")', "KeyError: 'SETTING'"),
        ("import not_there", "pip install -r requirements.txt"),
        ("from . import not_there", "cannot import name 'not_there'"),
        ("from convexity.values import v as w; w.literal([])", "v.literal() takes a string"),
    ],
)
def test_a_module_that_cannot_be_imported(dist: Path, line: str, says: str):
    module = dist / "convex" / "notes.py"
    module.write_text(f"{module.read_text()}\n{line}\n")
    said = assert_does_not_start(dist, says, str(Path("convex", "notes.py")), line)
    assert "main.py" not in said
    assert "convexity/" not in said


def test_documents_that_do_not_match_a_new_schema(dist: Path):
    with serve(dist) as server:
        note = server.call("mutation", "notes:add", text="x")
    for path in (dist / "tables.py", dist / "functions.py", dist / "convex" / "schema.py"):
        path.write_text(path.read_text().replace("likes=v.number()", "likes=v.string()"))
    assert_does_not_start(dist, "notes", note)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_that_is_taken(dist: Path, workers: str):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert_refused(start(dist, "--port", port, "--workers", workers), f"port {port}")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_any_free_port_is_announced_and_known_to_functions(dist: Path, workers: str):
    module = dist / "convex" / "notes.py"
    before, body = module.read_text().split("async def who(")
    signature, _, rest = body.partition("\n")
    answer = '    import os\n\n    return {"url": os.environ["CONVEX_CLOUD_URL"]}\n'
    module.write_text(f"{before}async def who({signature}\n{answer}{rest}")
    process = subprocess.Popen(
        [sys.executable, "main.py", "--port", "0", "--workers", workers],
        cwd=dist,
        env={name: text for name, text in os.environ.items() if name != "CONVEX_CLOUD_URL"},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    line = next(line for line in process.stderr if line.startswith("Serving at "))
    url = line.split(";")[0].removeprefix("Serving at ")
    server = Server(process, int(url.rpartition(":")[2]), dist.parent / "log")
    try:
        server.wait_until_answering()
        assert server.call("query", "notes:who") == {"url": url}
    finally:
        server.client.close()
        process.terminate()
        process.communicate(timeout=180)


@pytest.mark.parametrize(
    "arguments",
    [["--port", "70000"], ["--port", "x"], ["--workers", "0"], ["--nonsense"]],
    ids=" ".join,
)
def test_a_command_line_that_cannot_be_read(dist: Path, arguments: list[str]):
    status, said = start_preloaded(dist, *arguments)
    assert status == 2
    assert "usage: main.py" in said


def test_the_admin_key_is_made_once(dist: Path):
    first = start(dist, "--show-admin-key")
    assert "--show-admin-key" in first.stderr
    again = start(dist, "--show-admin-key")
    assert again.stderr == ""
    assert again.stdout == first.stdout
    assert first.stdout.startswith("wire|")
    given = start(dist, "--show-admin-key", CONVEXITY_ADMIN_KEY=ADMIN_KEY)
    assert given.stdout.strip() == ADMIN_KEY


def test_the_kept_admin_key_opens_internal_functions(dist: Path):
    key = start(dist, "--show-admin-key").stdout.strip()
    with serve(dist, CONVEXITY_ADMIN_KEY="") as server:
        answer = httpx.post(
            f"{server.url}/api/query",
            json={"path": "failures:hidden", "args": {}},
            headers={"Authorization": f"Convex {key}"},
        )
        assert answer.json()["value"] == "secret"


def test_documents_survive_a_restart(dist: Path):
    with serve(dist) as server:
        note = server.call("mutation", "notes:add", text="kept")
    with serve(dist) as server:
        assert server.call("query", "notes:get", id=note)["text"] == "kept"
    assert IS_POSTGRES or (dist / "data" / "app.db").exists()


def test_redacted_errors_tell_nothing(dist: Path):
    with serve(dist, CONVEXITY_REDACT_ERRORS="true") as server:

        def ask(path: str, **args: object):
            body = {"path": path, "args": args}
            return server.client.post("/api/query", json=body).json()

        failed = ask("failures:boom")
        assert set(failed) == {"status", "errorMessage"}
        assert failed["errorMessage"].endswith("] Server Error")
        assert ask("failures:refuse", data="for you")["errorData"] == "for you"
        assert "logLines" not in ask("failures:talk")
        log = server.log.read_text()
        assert "Uncaught ValueError: boom" in log
        assert "[LOG] 'hello' 1.5" in log


def test_it_listens_on_both_loopback_addresses(dist: Path):
    with serve(dist) as server:
        assert httpx.get(f"http://127.0.0.1:{server.port}/version").status_code == 200
        if socket.has_ipv6:
            assert httpx.get(f"http://[::1]:{server.port}/version").status_code == 200


def test_a_backend_needs_nothing_of_the_compiler(dist: Path):
    code = f"""
import asyncio, sys
for name in {COMPILER_ONLY!r}:
    sys.modules[name] = None
sys.path.insert(0, ".")
import main

async def live():
    await main.backend.start()
    main.app.openapi()
    await main.backend.stop()

asyncio.run(live())
import convexity
assert convexity.__file__.startswith({str(dist)!r}), convexity.__file__
"""
    process = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd=dist, capture_output=True, text=True, timeout=180
    )
    assert process.returncode == 0, process.stderr


def test_several_processes_serve_one_database(dist: Path):
    port = free_port()
    environment = {**os.environ, "CONVEXITY_ADMIN_KEY": ADMIN_KEY}
    command = [sys.executable, "main.py", "--port", str(port), "--workers", "2"]
    with (dist.parent / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=dist, env=environment, stdout=log, stderr=log)
    server = Server(process, port, dist.parent / "log")
    try:
        server.wait_until_answering()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            texts = {str(number) for number in range(40)}
            assert len(set(pool.map(functools.partial(add_note, server), texts))) == 40
        assert {note["text"] for note in server.call("query", "notes:list")} == texts
    finally:
        server.client.close()
        process.terminate()
        process.wait(timeout=180)


def add_note(server: Server, text: str) -> str:
    body = {"path": "notes:add", "args": {"text": text}}
    answer = httpx.post(f"{server.url}/api/mutation", json=body, timeout=180).json()
    assert answer["status"] == "success", answer
    return str(answer["value"])


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_interrupt_ends_it_quietly(dist: Path, workers: str):
    port = free_port()
    log = dist.parent / "log"
    command = [sys.executable, "main.py", "--port", str(port), "--workers", workers]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=dist, stdout=output, stderr=output)
    server = Server(process, port, log)
    server.wait_until_answering()
    server.client.close()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=180) in (0, 130)
    assert "Traceback" not in log.read_text()


def test_a_backend_that_did_not_start_is_not_served(dist: Path):
    code = """
import main, uvicorn
async def start():
    raise RuntimeError("a bug")
main.backend.start = start
uvicorn.run(main.app, port=0)
"""
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=dist, capture_output=True, text=True, timeout=180
    )
    assert process.returncode != 0
    assert "RuntimeError: a bug" in process.stderr


def test_another_asgi_server_shows_the_refusal_too(dist: Path):
    code = "import uvicorn; uvicorn.run('main:app', port=0)"
    process = subprocess.run(
        [sys.executable, "-c", code],
        cwd=dist,
        env={**os.environ, "DATABASE_URL": "mysql://x"},
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert process.returncode != 0
    assert "The backend does not start: DATABASE_URL" in process.stderr
    assert "Traceback" not in process.stderr
