"""Cron jobs: when each is due, and the scheduled function that it becomes then.

A job that is due schedules its function, in the transaction that moves the job on to its next time.
So it runs as any scheduled function does, and no time is run twice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from cronsim import CronSim

from convexity.errors import FunctionKindError
from convexity.functions.names import display_name, display_path
from convexity.functions.references import FunctionReference, path_parts
from convexity.functions.scheduling import TABLE as SCHEDULED
from convexity.values import from_millis, to_millis
from convexity.values.compiled import loads

if TYPE_CHECKING:
    from convexity.database.transaction import Transaction
    from convexity.functions.calls import Calls
    from convexity.functions.components import Component
    from convexity.server.cron_jobs import CronJob

TABLE: Final = "_cron_jobs"
MAX_LOG_LENGTH: Final = 32_768
"""Characters of the lines that are kept of the last run of a job."""
MAX_RESULT_LENGTH: Final = 1_000
"""Characters of its result that are shown."""
_ALL: Final = 1 << 20
_AFTER_ALL_KEYS: Final = b"\xff"
_UNFINISHED: Final = ("pending", "inProgress")

_logger: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedJob:
    """A cron job whose function and arguments were checked, in the form of its row."""

    name: str
    function: str
    """Wire path; of another component, with that before it (``Component.name_of``)."""
    args: Sequence[Any]
    schedule: Mapping[str, Any]

    @property
    def row(self) -> dict[str, Any]:
        """The fields of a row that come from the declaration."""
        return {
            "name": self.name,
            "function": self.function,
            "args": list(self.args),
            "schedule": dict(self.schedule),
        }


def deployed_jobs(
    jobs: Iterable[CronJob], owner: Component, calls: Calls
) -> tuple[DeployedJob, ...]:
    """Check the jobs of a component's ``crons.py`` against the functions that they run.

    Raises:
        FunctionNotFoundError: there is no such function.
        FunctionKindError: it is a query.
        ArgumentValidationError: the arguments do not match.
    """
    return tuple(_deployed(job, owner, calls) for job in jobs)


def _deployed(job: CronJob, owner: Component, calls: Calls) -> DeployedJob:
    compiled = owner.resolve(FunctionReference(*path_parts(job.function), component=job.component))
    if compiled.function.kind == "query":
        raise FunctionKindError(
            f"cron job {job.name!r}: {display_path(job.function)} is a query: only mutations and "
            "actions can be scheduled"
        )
    arguments = loads(compiled.args.encode(calls.checked_arguments(compiled, job.args)))
    schedule: dict[str, Any]
    if job.interval is not None:
        schedule = {"type": "interval", "seconds": job.interval.total_seconds()}
    else:
        schedule = {"type": "cron", "expression": job.expression}
    return DeployedJob(
        name=job.name, function=owner.name_of(compiled), args=(arguments,), schedule=schedule
    )


async def reconcile(transaction: Transaction, jobs: Sequence[DeployedJob], now: datetime) -> None:
    """Make the rows those of the deployed jobs.

    A job that is unchanged keeps its next time. One that is new or changed starts afresh: an
    interval at once, a cron expression at its next match. What a job that is gone has scheduled and
    not begun is cancelled.
    """
    declared = {job.name: job for job in jobs}
    for row in await _rows(transaction):
        job = declared.pop(row["name"], None)
        if job is None:
            await _cancel_pending(transaction, row, now)
            await transaction.delete(row["_id"])
        elif any(row[field] != value for field, value in job.row.items()):
            changed = {**job.row, "nextTime": to_millis(_first_time(job.schedule, now))}
            await transaction.patch(row["_id"], changed)
    for job in declared.values():
        await transaction.insert(
            TABLE, {**job.row, "nextTime": to_millis(_first_time(job.schedule, now))}
        )


async def schedule_due(transaction: Transaction, now: datetime) -> None:
    """Schedule the functions of the jobs that are due, and move the jobs on.

    Times that passed while nothing ran are made up for by one run. While the function of the time
    before has not ended, the job is skipped.
    """
    for row in await _rows(transaction):
        if row["nextTime"] > to_millis(now):
            break
        changes: dict[str, Any] = {
            "nextTime": to_millis(_time_after(row["schedule"], from_millis(row["nextTime"]), now))
        }
        if await _last_state(transaction, row) in _UNFINISHED:
            _logger.warning("Cron job %s is skipped: its last run has not ended", row["name"])
        else:
            scheduled = await transaction.insert(
                SCHEDULED,
                {
                    "name": display_name(row["function"]),
                    "args": row["args"],
                    "scheduledTime": row["nextTime"],
                    "state": {"kind": "pending"},
                },
            )
            changes["lastRun"] = {"time": to_millis(now), "scheduledFunction": scheduled}
        await transaction.patch(row["_id"], changes)


async def note_run(
    transaction: Transaction,
    run: Mapping[str, Any],
    *,
    seconds: float,
    log_lines: Sequence[str],
    result: str,
    error: str | None,
) -> None:
    """Keep what the last run of a job logged and returned, if a scheduled function was one.

    Args:
        transaction: In which the function ends.
        run: Its row in ``_scheduled_functions``.
        seconds: How long it took.
        log_lines: What it logged.
        result: What it returned, as JSON in the encoded form; it is cut, as the lines are.
        error: Why it failed; then it returned nothing.
    """
    for row in await _rows(transaction):
        if row.get("lastRun", {}).get("scheduledFunction") == run["_id"]:
            lines = _first(log_lines, MAX_LOG_LENGTH)
            # One character more than is shown tells that there were more.
            kept = result[: MAX_RESULT_LENGTH + 1]
            outcome = {"result": kept} if error is None else {"error": error}
            log = {
                "scheduledFunction": run["_id"],
                "scheduledTime": run["scheduledTime"],
                "seconds": seconds,
                "logLines": lines,
                "isTruncated": len(lines) < len(log_lines),
                **outcome,
            }
            await transaction.patch(row["_id"], {"lastLog": log})


def _first(lines: Sequence[str], most: int) -> list[str]:
    """As many lines as have so many characters together."""
    kept = []
    for line in lines:
        most -= len(line)
        if most < 0:
            break
        kept.append(line)
    return kept


async def next_time(transaction: Transaction) -> datetime | None:
    """When the next job is due; ``None`` without jobs."""
    rows = await _rows(transaction, limit=1)
    return from_millis(rows[0]["nextTime"]) if rows else None


async def _rows(transaction: Transaction, limit: int = _ALL) -> list[dict[str, Any]]:
    """The jobs, those that are due first."""
    table = transaction.catalog.table(TABLE)
    found = await transaction.scan(
        table, table.indexes["by_next_time"], b"", _AFTER_ALL_KEYS, limit=limit
    )
    return [row.document for row in found]


async def _last_state(transaction: Transaction, row: Mapping[str, Any]) -> str | None:
    last = row.get("lastRun")
    scheduled = None if last is None else await transaction.get(last["scheduledFunction"])
    return None if scheduled is None else str(scheduled["state"]["kind"])


async def _cancel_pending(transaction: Transaction, row: Mapping[str, Any], now: datetime) -> None:
    if await _last_state(transaction, row) == "pending":
        canceled = {"state": {"kind": "canceled"}, "completedTime": to_millis(now)}
        await transaction.patch(row["lastRun"]["scheduledFunction"], canceled)


def _first_time(schedule: Mapping[str, Any], now: datetime) -> datetime:
    return now if schedule["type"] == "interval" else _next_match(schedule["expression"], now)


def _time_after(schedule: Mapping[str, Any], due: datetime, now: datetime) -> datetime:
    """The first time after ``now``; those of an interval keep their distance from ``due``."""
    if schedule["type"] == "cron":
        return _next_match(schedule["expression"], now)
    interval = timedelta(seconds=schedule["seconds"])
    return due + interval * ((now - due) // interval + 1)


def _next_match(expression: str, now: datetime) -> datetime:
    return next(CronSim(expression, now.astimezone(UTC)))
