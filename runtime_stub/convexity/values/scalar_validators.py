"""Validators of values without parts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from convexity.values.names import identifier_problem
from convexity.values.numbers import is_exact
from convexity.values.validator_base import Validator, describe
from convexity.values.value import Int64


class _PlainValidator(Validator):
    """A validator without parameters: its class says all."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return other.__class__ is self.__class__

    def __hash__(self) -> int:
        return hash(self.kind)

    def __repr__(self) -> str:
        return f"v.{self.kind}()"


class NullValidator(_PlainValidator):
    """``None``."""

    __slots__ = ()

    kind: ClassVar[str] = "null"


@dataclass(frozen=True, slots=True, repr=False)
class NumberValidator(Validator):
    """A float64 number.

    Attributes:
        integral: Accept integral values only and hand them out as ``int``. The compiler sets it
            where an annotation says ``int``; on the wire it is a number like any other.
    """

    integral: bool = False
    kind: ClassVar[str] = "number"

    def __repr__(self) -> str:
        return "v.number()"


class Int64Validator(_PlainValidator):
    """An int64; accepts ``Int64`` and a plain ``int`` in range, gives ``Int64``."""

    __slots__ = ()

    kind: ClassVar[str] = "int64"


class BooleanValidator(_PlainValidator):
    """``True`` or ``False``."""

    __slots__ = ()

    kind: ClassVar[str] = "boolean"


class StringValidator(_PlainValidator):
    """A string of Unicode scalar values."""

    __slots__ = ()

    kind: ClassVar[str] = "string"


class BytesValidator(_PlainValidator):
    """A byte string."""

    __slots__ = ()

    kind: ClassVar[str] = "bytes"


class AnyValidator(_PlainValidator):
    """Any Convex value."""

    __slots__ = ()

    kind: ClassVar[str] = "any"


@dataclass(frozen=True, slots=True, repr=False)
class IdValidator(Validator):
    """The id of a document of one table; that the document exists is not checked."""

    table_name: str
    kind: ClassVar[str] = "id"

    def __post_init__(self) -> None:
        if not isinstance(self.table_name, str):
            raise TypeError(
                f"v.id() takes the name of a table, not {describe(self.table_name)}: "
                'write v.id("messages")'
            )
        problem = identifier_problem(self.table_name)
        if problem is not None:
            raise ValueError(f"v.id({self.table_name!r}): the table name {problem}")

    def __repr__(self) -> str:
        return f"v.id({self.table_name!r})"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class LiteralValidator(Validator):
    """One exact value; its type counts, so ``1``, ``True`` and ``Int64(1)`` are three literals.

    Attributes:
        value: As written. An ``int`` stands for a number and is handed out as written.
    """

    value: str | int | float | bool
    kind: ClassVar[str] = "literal"

    def __post_init__(self) -> None:
        value = self.value
        if not isinstance(value, str | int | float):
            raise TypeError(
                f"v.literal() takes a string, number, boolean or Int64, not {describe(value)}"
                + ("; write v.null()" if value is None else "")
            )
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"v.literal({value!r}): a literal number must be finite")
        if isinstance(value, int) and not isinstance(value, Int64) and not is_exact(value):
            raise ValueError(
                f"v.literal({value}): the number is not exactly a float64; "
                f"write v.literal(Int64({value})) for an int64"
            )

    def _identity(self) -> tuple[type, str]:
        return type(self.value), repr(self.value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LiteralValidator):
            return NotImplemented
        return self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def __repr__(self) -> str:
        return f"v.literal({self.value!r})"


def integral_number() -> NumberValidator:
    """``v.number()`` for an annotation that says ``int``: see :class:`NumberValidator`."""
    return NumberValidator(integral=True)
