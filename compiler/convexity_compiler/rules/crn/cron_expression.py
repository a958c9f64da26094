"""Cron expressions of five fields, as crontab(5) writes them."""

from __future__ import annotations

from typing import Final, NamedTuple

_MONTHS: Final = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
_WEEKDAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_DAYS_OF_MONTH: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Days of each month in the longest year."""
_MOST_DIGITS: Final = 9
"""No field has use for more, and `int` refuses more than some thousands."""


class _Field(NamedTuple):
    name: str
    low: int
    high: int
    names: dict[str, int]


_FIELDS: Final = (
    _Field("minute", 0, 59, {}),
    _Field("hour", 0, 23, {}),
    _Field("day of month", 1, 31, {}),
    _Field("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, start=1)}),
    _Field("day of week", 0, 7, {name: number for number, name in enumerate(_WEEKDAYS)}),
)


class _FieldError(ValueError):
    """A field that says nothing; the text is a clause that follows the expression."""


def cron_problem(expression: str) -> str | None:
    """Return what is wrong with an expression, a clause that follows it; None for a good one."""
    parts = expression.split()
    if len(parts) != len(_FIELDS):
        return f"has {len(parts)} fields instead of five"
    try:
        values = [_values(field, part) for field, part in zip(_FIELDS, parts, strict=True)]
    except _FieldError as error:
        return str(error)
    _, _, days, months, _ = values
    by_weekday = not parts[4].startswith("*")
    if not by_weekday and not any(min(days) <= _DAYS_OF_MONTH[month - 1] for month in months):
        return "never matches: no such month has that day"
    return None


def _values(field: _Field, text: str) -> set[int]:
    """The numbers that a field stands for."""
    found: set[int] = set()
    for part in text.split(","):
        span, slash, step_text = part.partition("/")
        step = _number(field, step_text, {}) if slash else 1
        if step < 1:
            raise _FieldError(f"has the step `{part}`, which leads nowhere")
        if span == "*":
            low, high = field.low, field.high
        else:
            first, dash, last = span.partition("-")
            low = _number(field, first, field.names)
            high = _number(field, last, field.names) if dash else low
            if slash and not dash:
                high = field.high
        for number in (low, high):
            if not field.low <= number <= field.high:
                raise _FieldError(
                    f"has the {field.name} {number}, which is not from {field.low} to {field.high}"
                )
        if low > high:
            raise _FieldError(f"has the {field.name} `{span}`, which ends before it begins")
        found.update(range(low, high + 1, step))
    return found


def _number(field: _Field, text: str, names: dict[str, int]) -> int:
    if text.lower() in names:
        return names[text.lower()]
    if not (text.isascii() and text.isdigit()):
        raise _FieldError(f"has the {field.name} `{text}`, which is no number")
    if len(text) > _MOST_DIGITS:
        raise _FieldError(
            f"has the {field.name} `{text[:_MOST_DIGITS]}…`, a number of {len(text)} digits"
        )
    return int(text)
