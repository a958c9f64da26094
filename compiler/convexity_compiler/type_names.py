"""Places of validators in a project, and the type names that follow (``language.md`` section 3)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from convexity.values import LiteralValidator, ObjectValidator, Validator

from convexity_compiler.records import value

_SEPARATORS: Final = re.compile(r"[^A-Za-z0-9]+")


@lru_cache(maxsize=4096)
def pascal_case(*parts: str) -> str:
    """Join words into a class name, split where a character is neither letter nor digit.

    ``project_members`` gives ``ProjectMembers``, ``("messages/access", "load")`` gives
    ``MessagesAccessLoad``; capitals inside a word stay.
    """
    words = [word for part in parts for word in _SEPARATORS.split(part) if word]
    name = "".join(word[0].upper() + word[1:] for word in words)
    return f"_{name}" if name[:1].isdigit() else name


@value
class Place:
    """Where a validator stands.

    Attributes:
        name: Name of the type that an object at this place gets (``language.md`` section 3).
        text: The place as messages show it: ``users.profile.address``.

    """

    name: str
    text: str

    def field(self, field: str) -> Place:
        """Place of a field of the object here."""
        return Place(f"{self.name}{pascal_case(field)}", f"{self.text}.{field}")

    def item(self) -> Place:
        """Place of the elements of the array here."""
        return Place(f"{self.name}Item", f"{self.text}[]")

    def value(self) -> Place:
        """Place of the values of the record here."""
        return Place(f"{self.name}Value", f"{self.text}{{}}")

    def members(self, members: Sequence[Validator]) -> list[Place]:
        """Places of the members of the union here.

        A member needs a name of its own only where several hold objects: its first string literal
        if no other member has the same, else its number.
        """
        holders = [member for member in members if _holds_object(member)]
        if len(holders) < 2:
            return [self] * len(members)
        labels = [_label(member) for member in members]
        frequency = Counter(labels)
        return [
            self._member(label if label and frequency[label] == 1 else str(number))
            for number, label in enumerate(labels, start=1)
        ]

    def _member(self, label: str) -> Place:
        return Place(f"{self.name}{label}", f"{self.text}<{label}>")


def _label(member: Validator) -> str:
    """First string literal among an object's fields, as part of a name; empty without one."""
    if isinstance(member, ObjectValidator):
        for validator in member.fields.values():
            if isinstance(validator, LiteralValidator) and isinstance(validator.value, str):
                return pascal_case(validator.value).lstrip("_")
    return ""


def _holds_object(member: Validator) -> bool:
    return member.kind in ("object", "array", "record")
