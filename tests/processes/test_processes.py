"""Actions of ``runtime="process"``, in a built backend."""

from __future__ import annotations

import base64
import json
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from convex import ConvexClient, ConvexInt64

from tests.support.backends import ADMIN_KEY, Server, serve


@pytest.fixture(scope="module")
def server(dist: Path) -> Iterator[Server]:
    with serve(dist, CONVEXITY_PROCESS_WORKERS="2") as running:
        yield running


def failed(server: Server, path: str, **args: object) -> dict[str, Any]:
    body = {"path": path, "args": args, "format": "json"}
    answer: dict[str, Any] = server.client.post("/api/action", json=body).json()
    assert answer["status"] == "error", answer
    return answer


def test_values_arrive_as_they_are(server: Server) -> None:
    client = ConvexClient(server.url)
    value = [None, True, -0.0, 1.5, "ü", b"\0\1", ConvexInt64(2**62), {"a": [{}], "b": []}]
    assert client.action("jobs:echo", {"value": value}) == value
    assert client.action("jobs:double", {"n": 4}) == 8
    assert "ArgumentValidationError" in failed(server, "jobs:double", n="4")["errorMessage"]


def test_the_whole_ctx_works(server: Server) -> None:
    identity = base64.b64encode(json.dumps({"issuer": "i", "subject": "ada"}).encode()).decode()
    response = server.client.post(
        "/api/action",
        json={"path": "jobs:everything", "args": {}, "format": "json"},
        headers={"Authorization": f"Convex {ADMIN_KEY}:{identity}", "User-Agent": "test/1"},
    ).json()
    assert response["status"] == "success", response
    assert response["value"] == [
        "from a process",
        "another",
        "42",
        "True",
        "ConvexError {'code': 1.0}",
        "api.notes.refuse failed: Uncaught LookupError: nothing there",
        "ada",
        "jobs:everything action public",
        "test/1",
        "True",
    ]
    while "scheduled" not in (texts := server.call("query", "notes:texts")):
        time.sleep(0.02)
    assert "late" not in texts


def test_files_pass_through_the_server(server: Server) -> None:
    assert server.call("action", "jobs:files") == [
        "1200000 application/octet-stream",
        "True",
        "[500000, 500000, 200000]",
        "True",
        "10",
        "ctx.storage.store failed: Uncaught DigestMismatchError:",
        "no more",
        "True",
        "True",
        "None",
        "True",
    ]


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("exit", "ended before the action did: it exited with code 3. Actions are not run again."),
        ("segfault", "it was killed by SIGSEGV: a native library crashed."),
        ("memory", "Uncaught MemoryError"),
        ("sys.exit", "Uncaught SystemExit: 4"),
        ("error", "Uncaught ValueError: boom\n    at end (convex/jobs.py:"),
        ("numpy", "ReturnsValidationError"),
    ],
)
def test_an_action_that_ends_badly_ends_alone(server: Server, how: str, message: str) -> None:
    answer = failed(server, "jobs:end", how=how)
    assert message in answer["errorMessage"]
    assert answer["logLines"] == [f"[LOG] 'ending by' '{how}'"]
    caught = server.call("action", "jobs:caught", how=how)
    assert caught.startswith("jobs:end: ")
    assert message.partition("\n")[0] in caught
    assert server.call("action", "jobs:double", n=2) == 4


def test_the_data_of_errors_arrives(server: Server) -> None:
    answer = failed(server, "jobs:end", how="data")
    assert answer["errorData"] == {"code": 7.0}
    assert server.call("action", "jobs:caught", how="data") == "ConvexError {'code': 7.0}"


def test_workers_are_kept_and_replaced(server: Server) -> None:
    first = server.call("action", "jobs:process_id")
    assert first != server.call("action", "jobs:server_id")
    assert first == server.call("action", "jobs:process_id")
    os.kill(int(first), signal.SIGKILL)
    assert server.call("action", "jobs:process_id") != first


def test_blocking_holds_up_neither_the_server_nor_other_actions(
    server: Server, tmp_path: Path
) -> None:
    end = tmp_path / "end"
    with ThreadPoolExecutor(1) as threads:
        blocked = threads.submit(server.call, "action", "jobs:block", until=str(end))
        while "blocking" not in server.call("query", "notes:texts"):
            time.sleep(0.02)
        assert server.call("action", "jobs:double", n=3) == 6
        assert not blocked.done()
        end.touch()
        blocked.result()
    assert "unblocked" in server.call("query", "notes:texts")


def test_nested_actions_do_not_wait_for_the_workers_that_wait_for_them(server: Server) -> None:
    assert server.call("action", "jobs:nest", admin=True, depth=5) == 6


def test_more_actions_than_workers_wait_for_their_turn(server: Server) -> None:
    with ThreadPoolExecutor(8) as threads:
        calls = [threads.submit(server.call, "action", "jobs:double", n=n) for n in range(8)]
        assert [call.result() for call in calls] == [2 * n for n in range(8)]


def test_a_scheduled_action_is_not_run_again_after_a_kill(dist: Path, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'app.db'}"
    with serve(dist, DATABASE_URL=database) as server:
        server.call("mutation", "jobs:schedule_block", admin=True)
        while "blocking" not in server.call("query", "notes:texts"):
            time.sleep(0.02)
        worker = _children(server.process.pid)
        server.kill()
        for process in worker:
            _wait_for_end(process)
    with serve(dist, DATABASE_URL=database) as server:
        assert server.call("action", "jobs:double", n=1) == 2
        assert server.call("query", "notes:texts") == ["blocking"]


def test_stopping_the_server_ends_its_workers(dist: Path, tmp_path: Path) -> None:
    with serve(
        dist, DATABASE_URL=f"sqlite:///{tmp_path / 'app.db'}", arguments=["--workers", "2"]
    ) as server:
        ids = {server.call("action", "jobs:process_id") for _ in range(4)}
    for process in ids:
        _wait_for_end(int(process))


def _children(parent: int) -> list[int]:
    """Processes that a server started."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    return [int(child) for child in children.split()]


def _wait_for_end(process: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return
        if state == "Z":
            return
        time.sleep(0.02)
    raise AssertionError(f"process {process} still runs")


def test_a_forked_copy_does_not_answer_others(server: Server) -> None:
    names = [f"caller {number}" for number in range(8)]
    assert [server.call("action", "jobs:fork", name=name) for name in names] == names


def test_children_of_a_worker_do_not_hide_its_end(server: Server) -> None:
    assert "exited with code 3" in failed(server, "jobs:leave_a_child")["errorMessage"]


def test_lone_surrogates_do_not_lose_an_answer(server: Server) -> None:
    body = {"path": "jobs:lone_surrogate", "args": {"how": "print"}, "format": "json"}
    assert server.client.post("/api/action", json=body).json()["logLines"] == ["[LOG] '?'"]
    assert "ValueError: ?" in failed(server, "jobs:lone_surrogate", how="raise")["errorMessage"]
    refusal = failed(server, "jobs:lone_surrogate", how="return")["errorMessage"]
    assert "lone surrogate" in refusal
    assert server.call("action", "jobs:double", n=4) == 8


@pytest.mark.parametrize("nonsense", [b"\xff" * 64, b"\0\0\0\x02no"])
def test_a_worker_that_sends_nonsense_is_replaced(server: Server, nonsense: bytes) -> None:
    encoded = {"$bytes": base64.b64encode(nonsense).decode()}
    message = failed(server, "jobs:write_everywhere", bytes=encoded)["errorMessage"]
    assert "could not be understood" in message
    assert server.call("action", "jobs:double", n=4) == 8
