"""``cron_jobs``: the declarations of ``crons.py``.

The arguments of a job are keywords of the functions below, so their own parameters are
positional-only. The guidelines forbid ``hourly`` and its like; the checker flags them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, ParamSpec

from convexity.errors import DefinitionError
from convexity.functions.arguments import forwarded_arguments
from convexity.functions.references import (
    ActionReference,
    FunctionReference,
    MutationReference,
    reference_path,
)

P = ParamSpec("P")

_WEEKDAYS: Final = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_CRON_FIELDS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CronJob:
    """A declared job: every ``interval``, or whenever ``expression`` (UTC) matches."""

    name: str
    interval: timedelta | None = None
    expression: str | None = None
    function: str
    """Wire path of the function that runs."""
    component: str | None = None
    """Name of the mounted component that has the function; ``None`` for one of its own."""
    args: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """Native values; a compiled job has none, for it is the imported one that runs."""


class Crons:
    """The jobs of a project, by name."""

    __slots__ = ("_jobs",)

    def __init__(self) -> None:
        self._jobs: dict[str, CronJob] = {}

    @property
    def jobs(self) -> tuple[CronJob, ...]:
        """All jobs in order of declaration."""
        return tuple(self._jobs.values())

    def interval(
        self,
        name: str,
        every: timedelta,
        ref: MutationReference[P, Any] | ActionReference[P, Any],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Run a function at intervals of at least one second, the first time at deployment.

        Raises:
            DefinitionError: the name is taken, or the interval is no ``timedelta`` of whole
                seconds.
        """
        if not isinstance(every, timedelta):
            raise DefinitionError(
                f"cron job {name!r}: the interval must be a timedelta, such as "
                f"timedelta(minutes=5), not {every!r}"
            )
        if every < timedelta(seconds=1) or every.microseconds:
            raise DefinitionError(
                f"cron job {name!r}: the interval {every} must be a whole number of seconds, "
                "at least one"
            )
        self._add(name, every, None, ref, args, kwargs)

    def cron(
        self,
        name: str,
        schedule: str,
        ref: MutationReference[P, Any] | ActionReference[P, Any],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Run a function whenever a cron expression of five fields matches, in UTC.

        Raises:
            DefinitionError: the name is taken, or the expression has not five fields.
        """
        if not isinstance(schedule, str) or len(schedule.split()) != _CRON_FIELDS:
            raise DefinitionError(
                f"cron job {name!r}: the schedule {schedule!r} must be five fields, minute, hour, "
                "day of month, month and day of week, such as '0 16 * * 1'"
            )
        self._add(name, None, schedule, ref, args, kwargs)

    def hourly(
        self,
        name: str,
        minute: int,
        ref: MutationReference[P, Any] | ActionReference[P, Any],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Run a function every hour at a minute; write ``cron(name, "30 * * * *", ref)``."""
        _check(name, "minute", minute, 0, 59)
        self._add(name, None, f"{minute} * * * *", ref, args, kwargs)

    def daily(
        self,
        name: str,
        hour: int,
        minute: int,
        ref: MutationReference[P, Any] | ActionReference[P, Any],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Run a function every day at a time in UTC; write ``cron(name, "30 6 * * *", ref)``."""
        _check(name, "hour", hour, 0, 23)
        _check(name, "minute", minute, 0, 59)
        self._add(name, None, f"{minute} {hour} * * *", ref, args, kwargs)

    def weekly(
        self,
        name: str,
        day_of_week: str,
        hour: int,
        minute: int,
        ref: MutationReference[P, Any] | ActionReference[P, Any],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Run a function every week at a time in UTC; write ``cron(name, "30 6 * * 1", ref)``."""
        _check(name, "hour", hour, 0, 23)
        _check(name, "minute", minute, 0, 59)
        if day_of_week not in _WEEKDAYS:
            raise DefinitionError(
                f"cron job {name!r}: day of week {day_of_week!r} must be one of "
                f"{', '.join(_WEEKDAYS)}"
            )
        day = _WEEKDAYS.index(day_of_week)
        self._add(name, None, f"{minute} {hour} * * {day}", ref, args, kwargs)

    def monthly(
        self,
        name: str,
        day: int,
        hour: int,
        minute: int,
        ref: MutationReference[P, Any] | ActionReference[P, Any],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Run a function every month at a time in UTC; write ``cron(name, "30 6 1 * *", ref)``."""
        _check(name, "day", day, 1, 31)
        _check(name, "hour", hour, 0, 23)
        _check(name, "minute", minute, 0, 59)
        self._add(name, None, f"{minute} {hour} {day} * *", ref, args, kwargs)

    def _add(
        self,
        name: str,
        interval: timedelta | None,
        expression: str | None,
        ref: object,
        positional: tuple[Any, ...],
        keywords: dict[str, Any],
    ) -> None:
        if not isinstance(name, str) or not name.isascii() or not name.isprintable() or not name:
            raise DefinitionError(f"the cron job name {name!r} must be printable ASCII")
        if name in self._jobs:
            raise DefinitionError(f"there are two cron jobs called {name!r}: names are unique")
        function = reference_path(ref)
        arguments = forwarded_arguments(positional, keywords, frozenset(), function)
        self._jobs[name] = CronJob(
            name=name,
            interval=interval,
            expression=expression,
            function=function,
            component=ref.__component__ if isinstance(ref, FunctionReference) else None,
            args=arguments,
        )


def cron_jobs() -> Crons:
    """Make an empty list of jobs; bind it to ``crons`` in ``crons.py``."""
    return Crons()


def _check(name: str, what: str, value: int, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise DefinitionError(f"cron job {name!r}: {what} {value!r} must be from {low} to {high}")
