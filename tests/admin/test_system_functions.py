"""System functions, called as admin tools call them: through the npm client, and over HTTP."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.clients.live_client import LiveClient, live_client
from tests.clients.official_clients import npm_folder
from tests.support.backends import ADMIN_KEY, Server

USER = {"issuer": "https://issuer.example", "subject": "ada"}


@pytest.fixture
def npm(administration: Server) -> Iterator[LiveClient]:
    """The npm client, as an admin."""
    npm_folder()
    with live_client(administration.url) as client:
        client.command("admin", key=ADMIN_KEY)
        yield client


@pytest.fixture
def admin(administration: Server) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Convex {ADMIN_KEY}"}
    with httpx.Client(base_url=administration.url, headers=headers, timeout=60) as client:
        yield client


def once(npm: LiveClient, path: str, **args: Any) -> Any:
    """The value of a query."""
    return npm.call("query", path, **args)


def test_the_functions_are_listed_in_order(npm: LiveClient) -> None:
    spec = once(npm, "_system/cli/modules:apiSpec")
    assert [entry.get("identifier", entry.get("path")) for entry in spec] == [
        "/ticks",
        "/files/*",
        "/healthz",
        "messages.js:send",
        "messages.js:newest",
        "messages.js:tidy",
        "messages.js:later",
        "messages.js:fail",
        "messages.js:slow",
        "messages.js:wait",
        "messages.js:keep",
        "messages.js:address",
    ]
    assert spec[1] == {"functionType": "HttpAction", "method": "POST", "path": "/files/*"}
    assert spec[3] == {
        "identifier": "messages.js:send",
        "functionType": "Mutation",
        "visibility": {"kind": "public"},
        "args": {
            "type": "object",
            "value": {
                "body": {"fieldType": {"type": "string"}, "optional": False},
                "channel": {"fieldType": {"type": "string"}, "optional": False},
            },
        },
        "returns": {"type": "id", "tableName": "channels"},
    }
    assert spec[5]["visibility"] == {"kind": "internal"}


def test_the_schema_is_described_as_json(npm: LiveClient) -> None:
    schemas = once(npm, "_system/frontend/getSchemas", componentId=None)
    assert set(schemas) == {"active"}
    described = json.loads(schemas["active"])
    assert described["schemaValidation"] is True
    assert [table["tableName"] for table in described["tables"]] == [
        "channels",
        "messages",
        "samples",
    ]
    messages = described["tables"][1]
    assert messages["indexes"] == [
        {"indexDescriptor": "by_channel", "fields": ["channel", "_creationTime"]},
        {"indexDescriptor": "by_likes_and_body", "fields": ["likes", "body", "_creationTime"]},
    ]
    assert messages["documentType"] == {
        "type": "object",
        "value": {
            "body": {"fieldType": {"type": "string"}, "optional": False},
            "channel": {"fieldType": {"type": "id", "tableName": "channels"}, "optional": False},
            "likes": {"fieldType": {"type": "bigint"}, "optional": True},
        },
    }
    assert set(messages) == {
        *("tableName", "indexes", "stagedDbIndexes", "searchIndexes", "stagedSearchIndexes"),
        *("vectorIndexes", "stagedVectorIndexes", "documentType"),
    }


def test_documents_are_added_listed_and_cleared(npm: LiveClient) -> None:
    scan = npm.subscribe("_system/frontend/listTableScan", table="samples", limit=2)
    npm.until_value(scan, [])
    documents = [{"value": number} for number in ("one", "two", "three")]
    added = npm.call(
        "mutation", "_system/frontend/addDocument", table="samples", documents=documents
    )
    assert added == {"success": True}
    npm.until(lambda: len(npm.values(scan)) > 1)
    assert [found["value"] for found in npm.values(scan)[-1]] == ["three", "two"]
    assert once(npm, "_system/frontend/listTableScan", table="missing", limit=5) == []
    page = once(
        npm,
        "_system/cli/tableData",
        table="samples",
        order="asc",
        paginationOpts={"numItems": 2, "cursor": None},
    )
    assert [found["value"] for found in page["page"]] == ["one", "two"]
    assert page["isDone"] is False
    cleared = npm.call(
        "mutation", "_system/frontend/clearTablePage", tableName="samples", cursor=None
    )
    assert (cleared["deleted"], cleared["hasMore"]) == (3, False)
    assert isinstance(cleared["continueCursor"], str)
    npm.until_value(scan, [])


def test_documents_that_do_not_match_are_all_refused(npm: LiveClient) -> None:
    call = npm.start_call(
        "mutation",
        "_system/frontend/addDocument",
        table="channels",
        documents=[{"name": "fine"}, {"name": 1}],
    )
    refused = npm.outcome(call)
    assert "name" in refused["data"]
    assert not [
        found
        for found in once(npm, "_system/frontend/listTableScan", table="channels", limit=100)
        if found["name"] == "fine"
    ]
    many = [{"value": None}] * 4097
    assert npm.call(
        "mutation", "_system/frontend/addDocument", table="samples", documents=many
    ) == {"success": False, "error": "Can\u2019t import more than 4096 documents at once."}


def test_tables_and_addresses_are_told(npm: LiveClient, administration: Server) -> None:
    options = {"numItems": 100, "cursor": None}
    page = once(npm, "_system/cli/tables", paginationOpts=options)
    assert page["page"] == [{"name": name} for name in ("channels", "messages", "samples")]
    assert page["isDone"] is True
    assert once(npm, "_system/cli/convexUrl:cloudUrl") == administration.url
    assert once(npm, "_system/frontend/components:list") == []
    assert once(npm, "_system/cli/queryEnvironmentVariables") == []
    assert once(npm, "_system/cli/queryEnvironmentVariables:get", name="NONE") is None


def test_a_table_is_watched_by_a_number_that_changes(npm: LiveClient) -> None:
    watched = npm.subscribe("_system/cli/queryTable", tableName="samples")
    npm.until(lambda: len(npm.values(watched)) == 1)
    documents = [{"value": "watched"}]
    npm.call("mutation", "_system/frontend/addDocument", table="samples", documents=documents)
    npm.until(lambda: len(npm.values(watched)) == 2)
    assert len(set(npm.values(watched))) == 2
    size = npm.subscribe("_system/cli/tableSize", tableName="samples")
    npm.until(lambda: len(npm.values(size)) == 1)
    npm.call("mutation", "_system/frontend/addDocument", table="samples", documents=documents)
    npm.until(lambda: npm.values(size)[-1] == npm.values(size)[0] + 1)


def test_cron_jobs_are_shown_with_their_runs(npm: LiveClient) -> None:
    jobs = npm.subscribe("_system/frontend/listCronJobs")
    npm.until(lambda: any(ran(value) for value in npm.values(jobs)))
    found = {job["name"]: job for job in npm.values(jobs)[-1]}
    tidy, year = found["tidy up"], found["new year"]
    assert tidy["cronSpec"]["udfPath"] == "messages.js:tidy"
    assert json.loads(base64.b64decode(tidy["cronSpec"]["udfArgs"]["$bytes"])) == [{"keep": 3.0}]
    assert tidy["cronSpec"]["cronSchedule"] == {"type": "interval", "seconds": int64(3600)}
    assert year["cronSpec"]["cronSchedule"] == {"type": "cron", "cronExpr": "17 4 1 1 *"}
    assert year["lastRun"] is None
    assert year["nextRun"]["prevTs"] is None
    last = tidy["lastRun"]
    result = {"type": "default", "value": "3 would be enough"}
    assert last["status"] == {"type": "success", "result": result}
    assert last["name"] == "tidy up"
    assert last["logLines"] == {"logLines": ["[LOG] 'kept all'"], "isTruncated": False}
    assert last["executionTime"] >= 0
    assert tidy["nextRun"]["state"] == {"type": "pending"}
    assert set(tidy["nextRun"]["nextTs"]) == {"$integer"}


def ran(jobs: Any) -> bool:
    return any(job["lastRun"] is not None for job in jobs or [])


def int64(value: int) -> dict[str, str]:
    return {"$integer": base64.b64encode(value.to_bytes(8, "little", signed=True)).decode()}


@pytest.mark.parametrize("acting", [None, USER])
def test_only_plain_admins_may_call_them(
    administration: Server, acting: dict[str, str] | None
) -> None:
    npm_folder()
    with live_client(administration.url) as client:
        if acting is not None:
            client.command("admin", key=ADMIN_KEY, acting=acting)
        for kind, path in (
            ("query", "_system/cli/modules:apiSpec"),
            ("mutation", "_system/frontend/clearTablePage"),
        ):
            refused = client.outcome(client.start_call(kind, path))
            assert f"Operation {kind} not permitted" in refused["message"]
    key = ADMIN_KEY
    if acting is not None:
        key += ":" + base64.b64encode(json.dumps(acting).encode()).decode()
    headers = {} if acting is None else {"Authorization": f"Convex {key}"}
    body = {"path": "_system/cli/modules:apiSpec", "args": {}}
    answer = administration.client.post("/api/query", json=body, headers=headers)
    assert (answer.status_code, answer.json()) == (
        403,
        {"code": "Unauthorized", "message": "Operation query not permitted"},
    )


def test_results_of_admins_are_not_given_to_others(npm: LiveClient, administration: Server) -> None:
    body = {"path": "_system/cli/modules:apiSpec", "args": {}}
    assert once(npm, "_system/cli/modules:apiSpec")
    assert administration.client.post("/api/query", json=body).status_code == 403
    with live_client(administration.url) as other:
        other.command("admin", key=ADMIN_KEY, acting=USER)
        refused = other.outcome(other.subscribe("_system/cli/modules:apiSpec"))
        assert "Operation query not permitted" in refused["message"]


def test_functions_cannot_reach_them(admin: httpx.Client) -> None:
    answer = admin.post("/api/query", json={"path": "_system/cli/missing", "args": {}}).json()
    assert "Could not find function for '_system/cli/missing'" in answer["errorMessage"]


def test_indexes_and_shapes_are_told(admin: httpx.Client, administration: Server) -> None:
    administration.call("mutation", "messages:send", channel="shapes", body="text")
    indexes = admin.get("/api/get_indexes").json()["indexes"]
    assert {
        "table": "messages",
        "name": "by_channel",
        "fields": ["channel", "_creationTime"],
        "backfill": {"state": "done"},
        "staged": False,
    } in indexes
    shapes = admin.get("/api/shapes2").json()
    assert set(shapes) == {"channels", "messages", "samples"}
    fields = {field["fieldName"]: field for field in shapes["messages"]["fields"]}
    assert fields["channel"] == {
        "fieldName": "channel",
        "optional": False,
        "shape": {"type": "Id", "tableName": "channels"},
    }
    assert fields["_creationTime"]["shape"] == {
        "type": "Float64",
        "float64Range": {"hasSpecialValues": False},
    }
    assert administration.client.get("/api/shapes2").status_code == 403


def test_scheduled_functions_are_cancelled(admin: httpx.Client, administration: Server) -> None:
    def states() -> list[str]:
        body = {
            "path": "_system/cli/tableData",
            "args": {
                "table": "_scheduled_functions",
                "order": "asc",
                "paginationOpts": {"numItems": 100, "cursor": None},
            },
        }
        page = admin.post("/api/query", json=body).json()["value"]["page"]
        rows.extend(page)
        return [row["state"]["kind"] for row in page if row["args"] == [{"keep": 1.0}]]

    rows: list[dict[str, Any]] = []
    for _ in range(3):
        administration.call("mutation", "messages:later", seconds=3600)
    assert states() == ["pending"] * 3
    first = next(row["_id"] for row in rows if row["args"] == [{"keep": 1.0}])
    assert admin.post("/api/cancel_job", json={"id": first}).status_code == 200
    assert states() == ["canceled", "pending", "pending"]
    assert admin.post("/api/cancel_all_jobs", json={"udfPath": "messages:send"}).is_success
    assert states() == ["canceled", "pending", "pending"]
    assert admin.post("/api/cancel_all_jobs", json={"udfPath": "messages.js:tidy"}).is_success
    assert states() == ["canceled"] * 3
    refused = admin.post("/api/cancel_job", json={"id": "nonsense"})
    assert (refused.status_code, refused.json()["code"]) == (400, "InvalidScheduledFunction")
    assert administration.client.post("/api/cancel_all_jobs", json={}).status_code == 403


def test_what_is_in_use_is_not_deleted(admin: httpx.Client, administration: Server) -> None:
    for endpoint, body, reason in (
        ("delete_tables", {"tableNames": ["messages"]}, "it appears in the schema"),
        ("delete_tables", {"tableNames": ["_storage"]}, "it appears in the schema"),
        ("delete_tables", {"tableNames": ["x", "messages"]}, 'There is no table "x"'),
        ("delete_tables", {"tableNames": ["x"], "componentId": "y"}, 'no table "y/x"'),
        ("delete_component", {"componentId": ""}, "it is mounted"),
        ("delete_component", {"componentId": "nobody"}, 'There was no component "nobody"'),
    ):
        for path in (f"/api/{endpoint}", "/api/count_removed"):
            answer = admin.post(path, json=body)
            assert (answer.status_code, answer.json()["code"]) == (400, "DeleteFailed")
            assert reason in answer.json()["message"]
        refused = administration.client.post(f"/api/{endpoint}", json=body)
        assert refused.status_code == 403
    for body in (
        {"tableNames": "messages"},
        {"tableNames": ["x"], "componentId": 0},
        {"tableNames": ["x"], "componentId": ["y"]},
    ):
        answer = admin.post("/api/delete_tables", json=body)
        assert (answer.status_code, answer.json()["code"]) == (400, "BadJsonBody")
    administration.call("mutation", "messages:later", seconds=3600)
    deleted = admin.post("/api/delete_scheduled_functions_table", json={}).json()
    assert deleted["numDeleted"] >= 1
    body = {"path": "_system/cli/tableSize", "args": {"tableName": "_scheduled_functions"}}
    assert admin.post("/api/query", json=body).json()["value"] == 0


def test_runs_are_counted_over_time(admin: httpx.Client, administration: Server) -> None:
    start = int(time.time()) - 60
    for _ in range(2):
        administration.client.post("/api/action", json={"path": "messages:fail", "args": {}})
    administration.call("mutation", "messages:send", channel="counted", body="x")
    window = {"start": {"secs_since_epoch": start}, "end": {"secs_since_epoch": start + 600}}

    def metric(name: str, **query: str) -> Any:
        given = {"window": json.dumps({**window, "num_buckets": 2}), **query}
        return admin.get(f"/api/app_metrics/{name}", params=given).raise_for_status().json()

    errors = metric("udf_rate", path="messages.js:fail", metric="errors")
    assert errors[0][0] == {"secs_since_epoch": start, "nanos_since_epoch": 0}
    assert errors == metric("udf_rate", path="messages:fail", metric="invocations")
    assert sum(value for _, value in errors) >= 2
    latency = metric("latency_percentiles", path="messages:send", percentiles="[50,99]")
    assert [percentile for percentile, _ in latency] == [50, 99]
    (_, (middle, _)), (_, (worst, _)) = latency
    assert 0 < middle[1] <= worst[1]
    failures = dict(metric("failure_percentage_top_k"))
    assert failures["messages:fail"][0][1] == 100
    assert failures["_rest"][0][1] < 100
    assert len(metric("scheduled_job_lag")) == 2
    for query in (
        {"window": "soon"},
        {"window": json.dumps({**window, "num_buckets": 10**9})},
        {"window": json.dumps({"start": window["end"], "end": window["start"], "num_buckets": 1})},
        {"window": json.dumps({**window, "num_buckets": 1}), "metric": "cacheHits"},
    ):
        answer = admin.get("/api/app_metrics/udf_rate", params={"path": "a:b", **query})
        assert (answer.status_code, answer.json()["code"]) == (400, "BadQueryArgs")
    assert administration.client.get("/api/app_metrics/udf_rate").status_code == 403


def test_executions_are_streamed_under_both_names(
    admin: httpx.Client, administration: Server
) -> None:
    cursor = admin.get("/api/stream_udf_execution").json()["newCursor"]
    administration.client.post("/api/action", json={"path": "messages:fail", "args": {}})
    for name in ("stream_udf_execution", "stream_function_logs"):
        (entry,) = admin.get(f"/api/{name}?cursor={cursor}").json()["entries"]
        assert entry["identifier"] == "messages:fail"
        assert entry["logLines"] == ["[LOG] 'about to fail'"]
