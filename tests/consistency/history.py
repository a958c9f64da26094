"""What clients saw of transactions that append to lists, and whether it can have been serial.

A history is strictly serializable if all its transactions can be put in one order in which each
sees what those before it appended, and which agrees with real time: what was answered before
something else was asked comes first. With lists that only grow and values that are never used
twice, the dependencies between transactions follow from what was read (Elle, Kingsbury and Alvaro,
VLDB 2020); an anomaly is a cycle among them.
"""

from __future__ import annotations

import bisect
import graphlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Node = tuple[Literal["transaction", "time"], int]


@dataclass
class Transaction:
    """What one client asked for, and what it learned."""

    asked: float
    """Clock of the test when it was sent."""
    answered: float | None = None
    """Clock when the answer came; ``None`` if none came: it may have happened or not."""
    failed: bool = False
    """Whether the answer was an error: nothing of it may be there."""
    appends: list[tuple[str, float]] = field(default_factory=list)
    reads: list[tuple[str, tuple[float, ...]]] = field(default_factory=list)


def anomalies(history: Sequence[Transaction], final: Mapping[str, Sequence[float]]) -> list[str]:
    """Say what in a history no serial order explains; nothing if all is well.

    Args:
        history: All transactions.
        final: Each list after the last transaction.
    """
    found = list(_broken_lists(history, final))
    if found:
        return found
    graph: dict[Node, set[Node]] = {}
    for before, after in _dependencies(history, final):
        if before != after:
            graph.setdefault(after, set()).add(before)
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        cycle = [history[number] for kind, number in error.args[1] if kind == "transaction"]
        return ["a cycle:\n" + "\n".join(map(str, cycle))]
    return []


def _broken_lists(
    history: Sequence[Transaction], final: Mapping[str, Sequence[float]]
) -> Iterator[str]:
    for name, values in final.items():
        if len(set(values)) != len(values):
            yield f"{name}: a value was appended twice: {values}"
    for transaction in history:
        for name, value in transaction.appends:
            there = value in final.get(name, ())
            if transaction.failed and there:
                yield f"{name}: {value} of a failed transaction is there"
            if transaction.answered is not None and not transaction.failed and not there:
                yield f"{name}: {value} was acknowledged and is lost"
        for name, values in transaction.reads:
            if tuple(final.get(name, ())[: len(values)]) != values:
                yield f"{name}: {values} was read, but is no beginning of {final.get(name)}"


def _dependencies(
    history: Sequence[Transaction], final: Mapping[str, Sequence[float]]
) -> Iterator[tuple[Node, Node]]:
    """Pairs of which the first must come before the second."""
    writers: dict[tuple[str, float], Node] = {
        append: ("transaction", number)
        for number, transaction in enumerate(history)
        for append in transaction.appends
    }
    for name, values in final.items():
        order = [writers[name, value] for value in values]
        yield from itertools.pairwise(order)
    for number, transaction in enumerate(history):
        own = set(transaction.appends)
        for name, values in transaction.reads:
            seen = [value for value in values if (name, value) not in own]
            if seen:
                yield writers[name, seen[-1]], ("transaction", number)
            for value in final.get(name, ())[len(values) :]:
                if (name, value) not in own:
                    yield ("transaction", number), writers[name, value]
                    break
    yield from _real_time(history)


def _real_time(history: Sequence[Transaction]) -> Iterator[tuple[Node, Node]]:
    """A chain of the times of answers, so that the pairs are few."""
    answers = sorted(
        (transaction.answered, number)
        for number, transaction in enumerate(history)
        if transaction.answered is not None and not transaction.failed
    )
    for place, (_, number) in enumerate(answers):
        yield ("transaction", number), ("time", place)
        if place:
            yield ("time", place - 1), ("time", place)
    times = [time for time, _ in answers]
    for number, transaction in enumerate(history):
        before = bisect.bisect_left(times, transaction.asked)
        if before and not transaction.failed:
            yield ("time", before - 1), ("transaction", number)
