"""``convexity logs`` and its endpoint, against a running backend."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.backends import ADMIN_KEY, Server, run_cli

PATH = "/api/stream_function_logs"
ADMIN = {"Authorization": f"Convex {ADMIN_KEY}"}


def newest(live: Server) -> int:
    cursor: int = live.client.get(PATH, headers=ADMIN).json()["newCursor"]
    return cursor


def entries(live: Server, cursor: int) -> list[dict[str, Any]]:
    answer = live.client.get(PATH, headers=ADMIN, params={"cursor": cursor}).json()
    found: list[dict[str, Any]] = answer["entries"]
    return found


def test_each_execution_is_an_entry(live: Server, room: str) -> None:
    cursor = newest(live)
    live.call("query", "facts:talk", text=room)
    live.client.post(
        "/api/mutation", json={"path": "items:refuse", "args": {"room": room, "data": "no"}}
    )
    talked, refused = entries(live, cursor)
    assert talked["identifier"] == "facts:talk"
    assert talked["udfType"] == "Query"
    assert talked["logLines"] == [f"[LOG] '{room}'"]
    assert talked["error"] is None
    assert talked["executionTime"] >= 0
    assert refused["identifier"] == "items:refuse"
    assert refused["udfType"] == "Mutation"
    assert refused["error"].startswith("Uncaught ConvexError: no")
    assert re.fullmatch("[0-9a-f]{16}", refused["requestId"])


def test_scheduled_functions_are_entries_too(live: Server, room: str) -> None:
    cursor = newest(live)
    live.call("mutation", "items:put_later", room=room)
    found = entries(live, cursor)
    while len(found) < 2:
        found += entries(live, cursor + len(found))
    assert [entry["identifier"] for entry in found] == ["items:put_later", "items:put_now"]


def test_a_cursor_of_a_process_before(live: Server, room: str) -> None:
    live.call("query", "facts:talk", text=room)
    assert any(room in str(entry["logLines"]) for entry in entries(live, 10**9))


def test_only_for_admins(live: Server) -> None:
    assert live.client.get(PATH).status_code == 403
    assert live.client.get(PATH, headers=ADMIN, params={"cursor": "x"}).status_code == 400


def test_the_command_follows_a_backend(live: Server, room: str, tmp_path: Path) -> None:
    (tmp_path / "convex").mkdir()
    (tmp_path / "convex" / "messages.py").touch()
    live.call("query", "facts:talk", text=room)
    count = len(entries(live, 0))
    arguments = ["logs", "--url", live.url, "--admin-key", ADMIN_KEY, "--history"]
    command = [sys.executable, "-m", "convexity_compiler", *arguments, "--limit", str(count + 1)]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while f"  [LOG] '{room}'" not in process.stdout.readline():
            pass
        live.call("mutation", "items:fill", room=room, count=0)
        rest = process.stdout.read()
    assert process.returncode == 0
    line = rest.splitlines()[-1]
    assert re.fullmatch(r"\d\d:\d\d:\d\d mutation items:fill ok \d+\.\d ms", line)


@pytest.mark.parametrize(
    ("url", "complaint"),
    [("http://127.0.0.1:9", "no backend answers"), (None, "the logs need the admin key")],
    ids=["nobody", "no key"],
)
def test_the_command_says_what_is_missing(
    live: Server, tmp_path: Path, url: str | None, complaint: str
) -> None:
    (tmp_path / "convex").mkdir()
    (tmp_path / "convex" / "messages.py").touch()
    done = run_cli("logs", "--url", url or live.url, folder=tmp_path, check=False)
    assert done.returncode == 2
    assert complaint in done.stderr
