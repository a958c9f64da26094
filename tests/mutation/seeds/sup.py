"""Mistakes in comments that silence findings; a comment is the same in every disguise."""

from __future__ import annotations

from collections.abc import Iterator

from tests.mutation.project import Project
from tests.mutation.registry import Seeder, seed
from tests.mutation.source import Change, Changes, Source

_FORMS = {
    "unused-suppression": {
        "by_name": "ignore[missing-args-validator] it is old",
        "by_code": "ignore[QRY001] it is small",
        "one_of_two": "ignore[filter-on-query, unknown-table] they are old",
    },
    "unknown-rule-in-suppression": {
        "misspelt_rule": "ignore[missing-arg-validator] it is old",
        "no_such_code": "ignore[QRY999] it is small",
        "one_of_two_rules": "ignore[filter-on-query, nothing-at-all] they are old",
    },
    "blanket-suppression": {
        "no_list": "ignore",
        "no_list_with_reason": "ignore because it is old",
        "empty_list": "ignore[] it is old",
    },
    "malformed-suppression": {
        "misspelt_word": "ignor[filter-on-query] it is old",
        "other_word": "skip[filter-on-query] it is old",
        "longer_word": "ignore-next[filter-on-query] it is old",
    },
}
"""What a comment says behind ``convexity:``, by rule."""


def _above(comment: str) -> Seeder:
    def make(_: Project, source: Source) -> Iterator[Changes]:
        for entry in source.registrations:
            place = source.start(entry.function)
            yield [Change(place, place, f"# convexity: {comment}\n")]

    return make


def _behind(comment: str) -> Seeder:
    def make(_: Project, source: Source) -> Iterator[Changes]:
        for entry in source.registrations:
            end = source.end(entry.function)
            yield [Change(end, end, f"  # convexity: {comment}")]

    return make


for _rule, _comments in _FORMS.items():
    for _name, _comment in _comments.items():
        for _where, _build in (("above", _above), ("behind", _behind)):
            _make = _build(_comment)
            _make.__name__ = f"{_name}_{_where}"
            seed(_rule, plain=True)(_make)


@seed("unmatched-range-suppression", plain=True)
def open_range(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        place = source.start(entry.function)
        yield [Change(place, place, "# convexity: disable[filter-on-query] it is old\n")]


@seed("unmatched-range-suppression", plain=True)
def range_of_two(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        place = source.start(entry.function)
        yield [Change(place, place, "# convexity: disable[QRY001, unknown-table] they are old\n")]


@seed("unmatched-range-suppression", plain=True)
def other_indentation(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        place, end = source.start(entry.function), source.end(entry.function)
        yield [
            Change(place, place, "# convexity: disable[filter-on-query] it is old\n"),
            Change(end, end, "\n    # convexity: enable[filter-on-query]"),
        ]


@seed("unmatched-range-suppression", plain=True)
def other_rule(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        place, end = source.start(entry.function), source.end(entry.function)
        yield [
            Change(place, place, "# convexity: disable[filter-on-query] it is old\n"),
            Change(end, end, "\n# convexity: enable[unknown-table]"),
        ]


@seed("unmatched-range-suppression", plain=True)
def closed_only(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        end = source.end(entry.function)
        yield [Change(end, end, "\n# convexity: enable[filter-on-query]")]


@seed("suppression-without-reason")
def no_reason(_: Project, source: Source) -> Iterator[Changes]:
    for entry in source.registrations:
        if entry.keyword("returns"):
            place = source.start(entry.function)
            kept = source.arguments(entry.decorator, without="returns")
            comment = "# convexity: ignore[missing-returns-validator]\n"
            yield [Change(place, place, comment), source.call(entry.decorator, kept)]
