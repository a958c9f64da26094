"""What the fields of a table may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values import ObjectValidator, RecordValidator
from convexity.values.validators import flatten, required

if TYPE_CHECKING:
    from convexity.values import Validator


def validators_at(validator: Validator | None, path: str) -> list[Validator]:
    """Return what a field, ``author.name`` for a nested one, may be in the members of a union.

    Empty where the table has no such field, or is not known.
    """
    found = [] if validator is None else list(flatten(validator))
    for name in path.split("."):
        following: list[Validator] = []
        for member in found:
            if isinstance(member, ObjectValidator) and name in member.fields:
                following += flatten(required(member.fields[name]))
            elif isinstance(member, RecordValidator):
                following += flatten(member.value)
            elif member.kind == "any":
                following.append(member)
        found = following
    return found


def kinds_at(validator: Validator | None, path: str) -> set[str]:
    """Return the kinds of what a field may be; of a literal that of its value."""
    return {
        "string" if isinstance(getattr(entry, "value", None), str) else entry.kind
        for entry in validators_at(validator, path)
    }
