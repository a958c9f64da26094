"""What functions did lately, over time, as the dashboard of Convex asks for it.

The newest runs are kept one by one, so that every question is answered exactly, as far as they go
back. Of this process only; ``/metrics`` is for those who keep numbers for longer.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from convexity.functions.names import canonical_path

if TYPE_CHECKING:
    from convexity.functions.executions import Execution

MAX_RUNS: Final = 50_000
"""Runs of functions that are kept."""
MAX_BUCKETS: Final = 1_000
_TOP: Final = 5
"""Functions that a ranking names; the others come together as ``_rest``."""


class Run(NamedTuple):
    """A function that ended."""

    ended: float
    """Seconds since the epoch."""
    path: str
    is_error: bool
    seconds: float
    delay: float | None


class Window(NamedTuple):
    """The time that is asked for, in buckets of equal length."""

    start: float
    end: float
    buckets: int

    def times(self) -> list[dict[str, int]]:
        """When each bucket begins."""
        step = (self.end - self.start) / self.buckets
        return [_time(self.start + number * step) for number in range(self.buckets)]

    def of(self, moment: float) -> int | None:
        """The bucket of a time; ``None`` outside."""
        if not self.start <= moment < self.end:
            return None
        share = (moment - self.start) / (self.end - self.start)
        return min(int(share * self.buckets), self.buckets - 1)


class AppMetrics:
    """The newest runs of this process."""

    def __init__(self) -> None:
        self._runs: deque[Run] = deque(maxlen=MAX_RUNS)

    def executed(self, execution: Execution) -> None:
        """Take note of a function that ended."""
        self._runs.append(
            Run(
                execution.started + execution.seconds,
                execution.path,
                execution.error is not None,
                execution.seconds,
                execution.delay,
            )
        )

    def rate(self, window: Window, path: str, metric: str) -> list[Any]:
        """Runs, or failures, of a function per bucket."""
        runs = [run for run in self._of(path) if run.is_error or metric != "errors"]
        return _series(window, runs, lambda found: float(len(found)), empty=0.0)

    def latency(self, window: Window, path: str, percentiles: Sequence[int]) -> list[Any]:
        """How long runs of a function took, in seconds: a series for each percentile."""
        runs = self._of(path)
        return [[share, _series(window, runs, partial(_seconds, share))] for share in percentiles]

    def failures(self, window: Window) -> list[Any]:
        """Percentage of failures of the functions that fail most often, and of all others."""
        inside = [run for run in self._runs if window.of(run.ended) is not None]
        failed: dict[str, int] = {}
        for run in inside:
            if run.is_error:
                failed[run.path] = failed.get(run.path, 0) + 1
        top = sorted(failed, key=lambda path: (-failed[path], path))[:_TOP]
        series = [
            [path, _series(window, [run for run in inside if run.path == path], _failed)]
            for path in top
        ]
        rest = [run for run in inside if run.path not in top]
        return [*series, ["_rest", _series(window, rest, _failed)]] if rest else series

    def lag(self, window: Window) -> list[Any]:
        """By how many seconds scheduled functions began late, at worst."""
        late = [run for run in self._runs if run.delay is not None]
        return _series(window, late, lambda found: max(run.delay or 0.0 for run in found))

    def _of(self, path: str) -> list[Run]:
        wanted = canonical_path(path) if " " not in path else path
        return [run for run in self._runs if run.path == wanted]


def _series(
    window: Window,
    runs: Iterable[Run],
    value: Callable[[list[Run]], float],
    *,
    empty: float | None = None,
) -> list[Any]:
    """Pairs of a time and a value, ``empty`` where there is no run."""
    buckets: list[list[Run]] = [[] for _ in range(window.buckets)]
    for run in runs:
        number = window.of(run.ended)
        if number is not None:
            buckets[number].append(run)
    pairs = zip(window.times(), buckets, strict=True)
    return [[time, value(found) if found else empty] for time, found in pairs]


def _seconds(percentile: int, runs: list[Run]) -> float:
    ordered = sorted(run.seconds for run in runs)
    return ordered[max(0, math.ceil(percentile / 100 * len(ordered)) - 1)]


def _failed(runs: list[Run]) -> float:
    return 100 * sum(run.is_error for run in runs) / len(runs)


def _time(moment: float) -> dict[str, int]:
    """As Convex's server writes a time."""
    seconds = math.floor(moment)
    return {
        "secs_since_epoch": seconds,
        "nanos_since_epoch": min(round((moment - seconds) * 1e9), 999_999_999),
    }
