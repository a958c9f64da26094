"""What operators rely on: health, metrics, logs as JSON, and an end that finishes what runs."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.backends import ADMIN_KEY, Server, serve
from tests.sync.sync_client import sync_client

PATIENCE = 60.0
ADMIN = {"Authorization": f"Convex {ADMIN_KEY}"}


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'app.db'}"


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool


def await_marks(*marks: Path) -> None:
    """Wait until functions told by files that they began."""
    deadline = time.monotonic() + PATIENCE
    while not all(mark.exists() for mark in marks):
        assert time.monotonic() < deadline, "the functions did not begin"
        time.sleep(0.01)


def await_refusal(url: str) -> None:
    """Wait until no new connection is accepted."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            httpx.get(f"{url}/healthz")
        except httpx.TransportError:
            return
    raise AssertionError("the server goes on accepting")


def read_ticks(url: str, began: Path, count: int) -> list[str]:
    with httpx.stream("GET", f"{url}/http/ticks?count={count}", timeout=PATIENCE) as answer:
        lines = []
        for line in answer.iter_lines():
            began.touch()
            lines.append(line)
    return lines


@pytest.mark.parametrize("workers", [1, 2])
async def test_what_runs_is_finished_at_the_end(
    administration_dist: Path,
    database: str,
    tmp_path: Path,
    threads: ThreadPoolExecutor,
    workers: int,
) -> None:
    marks = [tmp_path / name for name in ("http", "action", "socket", "ticks")]
    over_http, in_action, over_socket, ticking = marks
    arguments = ("--workers", str(workers))
    with serve(administration_dist, arguments=arguments, DATABASE_URL=database) as server:
        async with sync_client(server.port) as client:
            slow = [
                threads.submit(server.call, kind, path, seconds=1, mark=str(mark))
                for kind, path, mark in (
                    ("mutation", "messages:slow", over_http),
                    ("action", "messages:wait", in_action),
                )
            ]
            ticks = threads.submit(read_ticks, server.url, ticking, 30)
            request = await client.request(
                "mutation", "messages:slow", seconds=1, mark=str(over_socket)
            )
            await_marks(*marks)
            server.process.send_signal(signal.SIGTERM)
            assert [future.result() for future in slow] == ["http", "action"]
            assert ticks.result() == [str(number) for number in range(30)]
            assert (await client.response(request))["result"] == "socket"
            assert await client.close_code() == 1012
        assert server.process.wait(PATIENCE) == 0
    with serve(administration_dist, DATABASE_URL=database) as server:
        body = {
            "path": "_system/frontend/listTableScan",
            "args": {"table": "channels", "limit": 10},
        }
        found = server.client.post("/api/query", json=body, headers=ADMIN).json()["value"]
        assert {row["name"] for row in found} == {"http", "socket"}


def test_the_time_to_finish_is_bounded(
    administration_dist: Path, database: str, tmp_path: Path, threads: ThreadPoolExecutor
) -> None:
    mark = tmp_path / "mark"
    settings = {"DATABASE_URL": database, "CONVEXITY_SHUTDOWN_SECONDS": "0.2"}
    with serve(administration_dist, **settings) as server:
        running = threads.submit(
            server.call, "action", "messages:wait", seconds=600, mark=str(mark)
        )
        await_marks(mark)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) == 0
        assert running.exception() is not None


@pytest.mark.parametrize(("workers", "second"), [(1, signal.SIGTERM), (2, signal.SIGINT)])
def test_a_second_signal_ends_at_once(
    administration_dist: Path,
    database: str,
    tmp_path: Path,
    threads: ThreadPoolExecutor,
    workers: int,
    second: signal.Signals,
) -> None:
    mark = tmp_path / "mark"
    arguments = ("--workers", str(workers))
    settings = {"DATABASE_URL": database, "CONVEXITY_SHUTDOWN_SECONDS": "3600"}
    with serve(administration_dist, arguments=arguments, **settings) as server:
        threads.submit(server.call, "action", "messages:wait", seconds=600, mark=str(mark))
        await_marks(mark)
        server.process.send_signal(signal.SIGTERM)
        await_refusal(server.url)
        server.process.send_signal(second)
        assert server.process.wait(PATIENCE) == 128 + second


def test_health_gives_way_to_routes_of_the_project(administration: Server) -> None:
    client = administration.client
    assert client.get("/healthz").text == "ok"
    assert client.head("/healthz").status_code == 200
    assert client.get("/readyz").text == "ready"
    assert client.post("/healthz").text == "a route of the project"
    assert client.post("/readyz").status_code == 405


def metrics(text: str) -> dict[tuple[str, tuple[str, ...]], float]:
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_metrics_count_what_happens(administration: Server) -> None:
    client = administration.client
    assert client.get("/metrics").status_code == 403
    before = metrics(client.get("/metrics", headers=ADMIN).text)
    administration.call("mutation", "messages:send", channel="metrics", body="one")
    client.post("/api/action", json={"path": "messages:fail", "args": {}})
    for _ in range(3):
        administration.call("query", "messages:newest")
    async with sync_client(administration.port) as socket:
        await socket.at_query_set(await socket.add(0, "messages:newest"))
        answer = client.get("/metrics", headers=ADMIN)
    assert answer.headers["content-type"].startswith("text/plain; version=")
    after = metrics(answer.text)

    def grown(name: str, *labels: str) -> float:
        return after[name, labels] - before.get((name, labels), 0)

    calls = "convexity_function_calls_total"
    assert grown(calls, "messages.js:send", "mutation", "success") == 1
    assert grown(calls, "messages.js:fail", "action", "error") == 1
    assert grown(calls, "messages.js:newest", "query", "success") == 1
    seconds = "convexity_function_duration_seconds_count"
    assert grown(seconds, "messages.js:send", "mutation") == 1
    assert grown("convexity_query_cache_hits_total") == 3
    assert grown("convexity_query_runs_total") == 1
    assert after["convexity_subscribed_results", ()] == 1
    commits = grown("convexity_commit_transactions_count")
    assert 1 <= commits <= grown("convexity_commit_transactions_sum")
    assert after["convexity_scheduled_function_delay_seconds_count", ()] >= 1


def test_logs_are_json_if_wished(administration_dist: Path, database: str) -> None:
    settings: dict[str, Any] = {
        "DATABASE_URL": database,
        "CONVEXITY_LOG_FORMAT": "json",
        "CONVEXITY_PUBLIC_METRICS": "true",
    }
    with serve(administration_dist, **settings) as server:
        server.client.post("/api/action", json={"path": "messages:fail", "args": {}})
        server.call("mutation", "messages:send", channel="a\nb", body="\x1b[31m")
        assert server.client.get("/metrics").is_success
        server.client.post("/api/query", json={"path": "messages:missing\n", "args": {}})
    entries = [json.loads(line) for line in server.log.read_text().splitlines()]
    assert all({"time", "level", "message"} <= set(entry) for entry in entries)
    assert any(entry["message"].startswith("Serving at") for entry in entries)
    failed = next(entry for entry in entries if entry["message"] == "a function failed")
    assert failed["level"] == "error"
    assert failed["function"] == "messages:fail"
    assert failed["logLines"] == ["[LOG] 'about to fail'"]
    assert failed["error"].startswith("Uncaught ConvexError: as told")
    ended = {
        entry["function"]: entry for entry in entries if entry["message"] == "a function ended"
    }
    assert ended["messages:fail"]["outcome"] == "error"
    assert ended["messages:fail"]["requestId"] == failed["requestId"]
    assert ended["messages:send"]["outcome"] == "success"
    assert ended["messages:send"]["kind"] == "mutation"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CONVEXITY_LOG_FORMAT", "xml"),
        ("CONVEXITY_SHUTDOWN_SECONDS", "-1"),
        ("CONVEXITY_SHUTDOWN_SECONDS", "nan"),
    ],
)
def test_settings_that_cannot_be_used_are_named(tmp_path: Path, variable: str, value: str) -> None:
    from convexity.settings import Settings, SettingsError

    with pytest.raises(SettingsError, match=variable):
        Settings.from_environment({variable: value}, tmp_path)
