"""Cron jobs of a compiled backend, over crashes and in several processes."""

from __future__ import annotations

import itertools
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.backends import FIXTURES, Server, build_project, serve

PATIENCE = 60.0
INTERVAL = 1000.0
"""Milliseconds between two runs of the fixture's job."""


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_project(FIXTURES / "jobs", tmp_path_factory.mktemp("jobs") / "jobs")


def until_ticks(server: Server, count: int) -> list[dict[str, Any]]:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        ticks: list[dict[str, Any]] = server.call("query", "ticks:newest")
        if len(ticks) >= count:
            return ticks
        time.sleep(0.05)
    raise AssertionError(f"fewer than {count} ticks:\n{server.log.read_text()}")


def assert_each_time_was_run_once(server: Server, count: int) -> None:
    due: list[float] = server.call("query", "ticks:due")
    assert len(due) >= count
    for newer, older in itertools.pairwise(due):
        assert newer > older
        assert (newer - older) % INTERVAL == 0


def test_jobs_run_with_their_arguments_and_go_on_after_a_crash(dist: Path) -> None:
    with serve(dist) as server:
        first = until_ticks(server, 2)
        assert {(tick["job"], tick["count"]) for tick in first} == {("interval", "1")}
        server.kill()
    with serve(dist) as server:
        until_ticks(server, len(first) + 2)
        assert_each_time_was_run_once(server, len(first) + 2)


def test_several_processes_run_a_job_once(dist: Path, tmp_path: Path) -> None:
    variables: dict[str, Any] = {"DATABASE_URL": f"sqlite:///{tmp_path / 'jobs.db'}"}
    with (
        serve(dist, **variables) as one,
        serve(dist, **variables),
        serve(dist, **variables) as last,
    ):
        until_ticks(last, 3)
        one.kill()
        until_ticks(last, 6)
        assert_each_time_was_run_once(last, 6)
