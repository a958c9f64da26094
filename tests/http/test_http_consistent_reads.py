"""Queries at one time: ``query_ts``, ``query_at_ts``, ``query_batch``."""

from __future__ import annotations

import base64

import pytest

from tests.support.backends import Server

LIST = {"path": "notes:list", "args": {}, "format": "json"}


def texts(answer) -> list[str]:
    assert answer["status"] == "success", answer
    return [note["text"] for note in answer["value"]]


def test_a_query_reads_the_past(wire: Server):
    wire.call("mutation", "notes:add", text="before")
    ts = wire.client.post("/api/query_ts").json()["ts"]
    assert len(base64.b64decode(ts, validate=True)) == 8
    wire.call("mutation", "notes:add", text="after")
    past = wire.client.post("/api/query_at_ts", json={**LIST, "ts": ts}).json()
    assert "before" in texts(past)
    assert "after" not in texts(past)
    assert "after" in texts(wire.client.post("/api/query", json=LIST).json())


def test_times_grow(wire: Server):
    def now() -> int:
        return int.from_bytes(
            base64.b64decode(wire.client.post("/api/query_ts").json()["ts"]), "little"
        )

    first = now()
    wire.call("mutation", "notes:add", text="tick")
    assert now() > first


@pytest.mark.parametrize(
    "ts",
    [None, "", 1, "AAAA", "not base64!", "AAAAAAAAAAAAAAAA", "//////////8="],
    ids=str,
)
def test_a_time_that_cannot_be_read(wire: Server, ts: object):
    response = wire.client.post("/api/query_at_ts", json={**LIST, "ts": ts})
    assert response.status_code == 400
    assert response.json()["code"] == "BadJsonBody"


def test_a_time_that_is_no_longer_kept(wire: Server):
    ts = base64.b64encode((1).to_bytes(8, "little")).decode()
    response = wire.client.post("/api/query_at_ts", json={**LIST, "ts": ts})
    assert response.status_code == 503
    assert response.json()["code"] == "OutOfRetention"


def test_a_mutation_cannot_run_in_the_past(wire: Server):
    ts = wire.client.post("/api/query_ts").json()["ts"]
    body = {"path": "notes:add", "args": {"text": "x"}, "ts": ts}
    answer = wire.client.post("/api/query_at_ts", json=body).json()
    assert "Trying to execute notes.js:add as Query" in answer["errorMessage"]


def test_a_batch_answers_each_query(wire: Server):
    echo = {"path": "values:echo", "args": [{"value": 1}]}
    queries = [echo, LIST, {"path": "failures:refuse", "args": {"data": 2}}]
    answer = wire.client.post("/api/query_batch", json={"queries": queries}).json()
    first, second, third = answer["results"]
    assert first == {"status": "success", "value": 1.0}
    assert isinstance(second["value"], list)
    assert third["errorData"] == 2.0
    assert wire.client.post("/api/query_batch", json={"queries": []}).json() == {"results": []}


@pytest.mark.parametrize("queries", [None, 1, {}, [1], [{}], [{"path": "values:echo"}]], ids=str)
def test_a_batch_that_cannot_be_read(wire: Server, queries: object):
    response = wire.client.post("/api/query_batch", json={"queries": queries})
    assert response.status_code == 400
    assert response.json()["code"] == "BadJsonBody"
