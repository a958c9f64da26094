"""The system function that lists cron jobs with their last and next run (wire-protocol 9.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from convexity.admin.documents import transaction_of
from convexity.admin.system_functions import Deployed, SystemFunctions
from convexity.database.ranges import HIGHEST, LOWEST
from convexity.functions.names import display_path
from convexity.scheduler.cron_jobs import MAX_RESULT_LENGTH, TABLE
from convexity.values import Int64
from convexity.values.compiled import loads
from convexity.values.encoding import encode_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convexity.functions.contexts import QueryCtx

FUNCTIONS: Final = SystemFunctions()

_ALL: Final = 1 << 20
_NANOSECONDS: Final = 1_000_000
"""In a millisecond."""
_NO_LOG_LINES: Final = {"logLines": [], "isTruncated": False}


@FUNCTIONS.query("_system/frontend/listCronJobs")
async def list_cron_jobs(ctx: QueryCtx, deployed: Deployed) -> list[dict[str, Any]]:
    """Every cron job by creation time, with what its last run logged and returned."""
    del deployed
    transaction = transaction_of(ctx)
    table = transaction.catalog.table(TABLE)
    index = table.indexes["by_creation_time"]
    rows = await transaction.scan(table, index, LOWEST, HIGHEST, limit=_ALL)
    listed = []
    for row in (found.document for found in rows):
        last = row.get("lastRun")
        run = None if last is None else await transaction.get(last["scheduledFunction"])
        listed.append(_described(row, last, run))
    return listed


def _described(
    row: Mapping[str, Any], last: Mapping[str, Any] | None, run: Mapping[str, Any] | None
) -> dict[str, Any]:
    arguments = orjson.dumps(encode_value(row["args"]))
    state = "pending" if run is None else run["state"]["kind"]
    is_under_way = state == "inProgress"
    next_time = run["scheduledTime"] if run is not None and is_under_way else row["nextTime"]
    spec = {
        "udfPath": display_path(row["function"]),
        "udfArgs": arguments,
        "cronSchedule": _schedule(row["schedule"]),
    }
    return {
        "_id": row["_id"],
        "_creationTime": row["_creationTime"],
        "name": row["name"],
        "cronSpec": spec,
        "lastRun": _last_run(row, run, row.get("lastLog"), spec),
        "nextRun": {
            "_id": row["_id"],
            "_creationTime": row["_creationTime"],
            "cronJobId": row["_id"],
            "state": {"type": "inProgress" if is_under_way else "pending"},
            "prevTs": None if last is None else _nanoseconds(last["time"]),
            "nextTs": _nanoseconds(next_time),
        },
    }


def _last_run(
    row: Mapping[str, Any],
    run: Mapping[str, Any] | None,
    log: Mapping[str, Any] | None,
    spec: Mapping[str, Any],
) -> dict[str, Any] | None:
    """The outcome of the last run that ended.

    Args:
        row: That of the job.
        run: The last run, as long as its row is kept.
        log: What is kept of the last run that came to its end by itself.
        spec: The job as tools see it.
    """
    described = {
        "_creationTime": row["_creationTime"],
        "name": row["name"],
        "udfPath": spec["udfPath"],
        "udfArgs": spec["udfArgs"],
    }
    is_over = run is not None and "completedTime" in run
    if run is not None and is_over and (log is None or log["scheduledFunction"] != run["_id"]):
        error = run["state"].get("error")
        return {
            **described,
            "_id": run["_id"],
            "ts": _nanoseconds(run["scheduledTime"]),
            "status": {"type": "canceled", "num_canceled": Int64(1)}
            if error is None
            else {"type": "err", "error": error},
            "logLines": _NO_LOG_LINES,
            "executionTime": (run["completedTime"] - run["scheduledTime"]) / 1000,
        }
    if log is None:
        return None
    return {
        **described,
        "_id": log["scheduledFunction"],
        "ts": _nanoseconds(log["scheduledTime"]),
        "status": {"type": "success", "result": _result(log["result"])}
        if "result" in log
        else {"type": "err", "error": log["error"]},
        "logLines": {"logLines": log["logLines"], "isTruncated": log["isTruncated"]},
        "executionTime": log["seconds"],
    }


def _result(text: str) -> dict[str, Any]:
    """What a run returned, as its text, where that had to be cut."""
    if len(text) > MAX_RESULT_LENGTH:
        return {"type": "truncated", "truncated": text[:MAX_RESULT_LENGTH]}
    return {"type": "default", "value": loads(text)}


def _schedule(schedule: Mapping[str, Any]) -> dict[str, Any]:
    if schedule["type"] == "interval":
        return {"type": "interval", "seconds": Int64(int(schedule["seconds"]))}
    return {"type": "cron", "cronExpr": schedule["expression"]}


def _nanoseconds(milliseconds: float) -> Int64:
    return Int64(int(milliseconds * _NANOSECONDS))
