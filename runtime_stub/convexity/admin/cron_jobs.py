"""The system function that lists cron jobs with their last and next run (wire-protocol 9.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from convexity.admin.documents import transaction_of
from convexity.admin.system_functions import Deployed, SystemFunctions
from convexity.database.ranges import HIGHEST, LOWEST
from convexity.functions.names import display_path
from convexity.scheduler.cron_jobs import TABLE
from convexity.values import Int64
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
    """Every cron job by creation time; logs of runs are not kept, their outcome is for a week."""
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
        "lastRun": _last_run(row, run, spec),
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
    row: Mapping[str, Any], run: Mapping[str, Any] | None, spec: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The outcome of the last run that ended, as far as it is kept."""
    if run is None or "completedTime" not in run:
        return None
    status: dict[str, Any]
    match run["state"]["kind"]:
        case "success":
            status = {"type": "success", "result": {"type": "default", "value": None}}
        case "failed":
            status = {"type": "err", "error": run["state"]["error"]}
        case _:
            status = {"type": "canceled", "num_canceled": Int64(1)}
    return {
        "_id": run["_id"],
        "_creationTime": run["_creationTime"],
        "name": row["name"],
        "ts": _nanoseconds(run["scheduledTime"]),
        "udfPath": spec["udfPath"],
        "udfArgs": spec["udfArgs"],
        "status": status,
        "logLines": _NO_LOG_LINES,
        "executionTime": (run["completedTime"] - run["scheduledTime"]) / 1000,
    }


def _schedule(schedule: Mapping[str, Any]) -> dict[str, Any]:
    if schedule["type"] == "interval":
        return {"type": "interval", "seconds": Int64(int(schedule["seconds"]))}
    return {"type": "cron", "cronExpr": schedule["expression"]}


def _nanoseconds(milliseconds: float) -> Int64:
    return Int64(int(milliseconds * _NANOSECONDS))
