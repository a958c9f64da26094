"""Values of Convex for which Python has no type of its own (``language.md`` section 1)."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Final, SupportsIndex, SupportsInt, TypeAlias

INT64_MIN: Final = -(2**63)
"""Smallest int64 (``wire-protocol`` 1.1: two's complement on 8 bytes)."""
INT64_MAX: Final = 2**63 - 1
"""Largest int64 (``wire-protocol`` 1.1)."""

if TYPE_CHECKING:
    Value: TypeAlias = bool | int | float | str | bytes | list["Value"] | dict[str, "Value"] | None
else:
    # A recursive alias cannot be resolved by `typing.get_type_hints` outside this module, and a
    # validator derived from it would be `v.any()` in any case.
    Value = Any


class Unset(Enum):
    """Type of :data:`UNSET`, the falsy marker for an absent value."""

    UNSET = "UNSET"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET
"""Absent: in a patch it removes the field, as an argument or in ``eq`` it means "not there"."""


class Int64(int):
    """An int64 value; a plain ``int`` is a number (float64) wherever no validator decides.

    Arithmetic gives a plain ``int``: write ``Int64(a + b)``.

    Raises:
        ValueError: the value lies outside -2**63 .. 2**63 - 1.
    """

    __slots__ = ()

    def __new__(cls, value: str | bytes | SupportsInt | SupportsIndex = 0, /) -> Int64:
        """Make an int64 from whatever ``int`` accepts."""
        number = super().__new__(cls, value)
        if not INT64_MIN <= number <= INT64_MAX:
            raise ValueError(f"{int(number)} is out of range for int64 (-2**63 to 2**63 - 1)")
        return number

    def __repr__(self) -> str:
        return f"Int64({int(self)})"

    __str__ = int.__repr__
