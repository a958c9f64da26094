"""The judge of histories finds the anomalies that have names, and no others."""

from __future__ import annotations

import random

import pytest

from tests.consistency.history import Transaction, anomalies


def transaction(
    asked: float, answered: float | None, *operations: tuple[str, float | tuple[float, ...]]
) -> Transaction:
    made = Transaction(asked, answered)
    for name, detail in operations:
        if isinstance(detail, tuple):
            made.reads.append((name, detail))
        else:
            made.appends.append((name, detail))
    return made


ANOMALIES = {
    "lost update": (
        [transaction(0, 9, ("x", ()), ("x", 1)), transaction(0, 9, ("x", ()), ("x", 2))],
        {"x": [1, 2]},
    ),
    "write skew": (
        [
            transaction(0, 9, ("x", ()), ("y", 1)),
            transaction(0, 9, ("y", ()), ("x", 2)),
        ],
        {"x": [2], "y": [1]},
    ),
    "fractured read": (
        [transaction(0, 9, ("x", 1), ("y", 2)), transaction(0, 9, ("x", (1,)), ("y", ()))],
        {"x": [1], "y": [2]},
    ),
    "long fork": (
        [
            transaction(0, 9, ("x", 1)),
            transaction(0, 9, ("y", 2)),
            transaction(0, 9, ("x", (1,)), ("y", ())),
            transaction(0, 9, ("x", ()), ("y", (2,))),
        ],
        {"x": [1], "y": [2]},
    ),
    "stale read": (
        [transaction(0, 1, ("x", 1)), transaction(2, 3, ("x", ()))],
        {"x": [1]},
    ),
    "lost write": ([transaction(0, 1, ("x", 1))], {"x": []}),
    "doubled write": ([transaction(0, 1, ("x", 1))], {"x": [1, 1]}),
    "read of what was never there": ([transaction(0, 1, ("x", (7,)))], {"x": [8]}),
}


@pytest.mark.parametrize("name", ANOMALIES)
def test_anomalies_are_found(name: str) -> None:
    history, final = ANOMALIES[name]
    assert anomalies(history, final)


def test_writes_of_a_failed_transaction_are_an_anomaly() -> None:
    failed = transaction(0, 1, ("x", 1))
    failed.failed = True
    assert anomalies([failed], {"x": [1]})
    assert not anomalies([failed], {"x": []})


def test_what_was_not_answered_may_have_happened_or_not() -> None:
    unknown = transaction(0, None, ("x", 1))
    assert not anomalies([unknown], {"x": []})
    assert not anomalies([unknown, transaction(5, 6, ("x", (1,)))], {"x": [1]})


def test_serial_histories_that_overlap_in_time_are_well() -> None:
    chance = random.Random(4)
    final: dict[str, list[float]] = {"x": [], "y": [], "z": []}
    history = []
    for moment in range(300):
        made = transaction(moment - chance.random() * 20, moment + chance.random() * 20)
        for _ in range(chance.randrange(1, 4)):
            name = chance.choice("xyz")
            made.reads.append((name, tuple(final[name])))
            if chance.random() < 0.5:
                made.appends.append((name, value := moment + chance.random()))
                final[name].append(value)
        history.append(made)
    assert not anomalies(history, final)
