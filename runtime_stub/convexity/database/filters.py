"""Conditions of ``.filter()``, evaluated on each document that the query reads."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from convexity.database.paths import value_at
from convexity.values import UNSET, Int64, Unset, Value
from convexity.values.compiled import dumps
from convexity.values.ordering import compare

_Operand: TypeAlias = Value | Unset
_Evaluate: TypeAlias = Callable[[Mapping[str, Any]], _Operand]


class FilterExpression:
    """A value computed from a document; made by :class:`FilterBuilder`."""

    __slots__ = ("evaluate", "form")

    def __init__(self, form: str, evaluate: _Evaluate) -> None:
        self.form: Final = form
        """Text that equals that of another expression only if both mean the same."""
        self.evaluate: Final = evaluate
        """The value for a document."""

    def accepts(self, document: Mapping[str, Any]) -> bool:
        """Whether a document passes, for an expression that is a condition.

        Raises:
            TypeError: the value is neither a boolean nor null nor absent.
        """
        return _truth(self.evaluate(document), "the condition of filter()")


class FilterBuilder:
    """Builds conditions on documents.

    Operands are expressions or plain values. Comparisons follow the order of index keys
    (wire-protocol 7.1): values of different types are never equal, a missing field comes first. A
    plain ``int`` takes the type of the number it meets: int64 beside an int64, else float64.
    """

    __slots__ = ()

    def field(self, path: str, /) -> FilterExpression:
        """The value of a field, ``"author.name"`` for a nested one; absent if it is missing."""
        if not isinstance(path, str) or not path:
            raise ValueError(f"field() takes the path of a field, not {path!r}")
        return FilterExpression(f"field({path!r})", lambda document: value_at(document, path))

    def eq(self, left: object, right: object, /) -> FilterExpression:
        """Whether both are equal."""
        return _comparison("eq", lambda order: order == 0, left, right)

    def neq(self, left: object, right: object, /) -> FilterExpression:
        """Whether they differ."""
        return _comparison("neq", lambda order: order != 0, left, right)

    def lt(self, left: object, right: object, /) -> FilterExpression:
        """Whether ``left`` comes before ``right``."""
        return _comparison("lt", lambda order: order < 0, left, right)

    def lte(self, left: object, right: object, /) -> FilterExpression:
        """Whether ``left`` comes before ``right`` or equals it."""
        return _comparison("lte", lambda order: order <= 0, left, right)

    def gt(self, left: object, right: object, /) -> FilterExpression:
        """Whether ``left`` comes after ``right``."""
        return _comparison("gt", lambda order: order > 0, left, right)

    def gte(self, left: object, right: object, /) -> FilterExpression:
        """Whether ``left`` comes after ``right`` or equals it."""
        return _comparison("gte", lambda order: order >= 0, left, right)

    def add(self, left: object, right: object, /) -> FilterExpression:
        """The sum of two numbers of one type."""
        return _arithmetic("add", operator.add, operator.add, left, right)

    def sub(self, left: object, right: object, /) -> FilterExpression:
        """The difference of two numbers of one type."""
        return _arithmetic("sub", operator.sub, operator.sub, left, right)

    def mul(self, left: object, right: object, /) -> FilterExpression:
        """The product of two numbers of one type."""
        return _arithmetic("mul", operator.mul, operator.mul, left, right)

    def div(self, left: object, right: object, /) -> FilterExpression:
        """The quotient of two numbers of one type; of int64 truncated."""
        return _arithmetic("div", _float_quotient, _int64_quotient, left, right)

    def mod(self, left: object, right: object, /) -> FilterExpression:
        """The remainder of a division, with the sign of ``left``."""
        return _arithmetic("mod", _float_remainder, _int64_remainder, left, right)

    def neg(self, value: object, /) -> FilterExpression:
        """The number with the other sign."""
        return _arithmetic("sub", operator.sub, operator.sub, 0, value)

    def and_(self, *operands: object) -> FilterExpression:
        """Whether all operands are true."""
        parts = [_expression(operand) for operand in operands]
        return FilterExpression(
            _form("and", *parts),
            lambda document: all(_truth(part.evaluate(document), "and_()") for part in parts),
        )

    def or_(self, *operands: object) -> FilterExpression:
        """Whether some operand is true."""
        parts = [_expression(operand) for operand in operands]
        return FilterExpression(
            _form("or", *parts),
            lambda document: any(_truth(part.evaluate(document), "or_()") for part in parts),
        )

    def not_(self, operand: object, /) -> FilterExpression:
        """Whether the operand is not true."""
        part = _expression(operand)
        return FilterExpression(
            _form("not", part), lambda document: not _truth(part.evaluate(document), "not_()")
        )


def build_filter(predicate: Callable[[FilterBuilder], object]) -> FilterExpression:
    """The condition that the argument of ``.filter()`` builds.

    Raises:
        TypeError: the argument is no function, or gives neither an expression nor a value.
    """
    if not callable(predicate):
        raise TypeError(
            'filter() takes a function: .filter(lambda q: q.eq(q.field("status"), "open"))'
        )
    return _expression(predicate(FilterBuilder()))


def _form(name: str, *parts: FilterExpression) -> str:
    return f"{name}({','.join(part.form for part in parts)})"


def _expression(operand: object) -> FilterExpression:
    if isinstance(operand, FilterExpression):
        return operand
    if operand is UNSET:
        return FilterExpression("unset", lambda _: UNSET)
    try:
        form = dumps(operand).decode()
    except ValueError as error:
        raise TypeError(
            f"a filter operand is neither an expression nor a Convex value: {error}"
        ) from error
    value: Any = operand
    return FilterExpression(f"{type(operand).__name__}:{form}", lambda _: value)


def _truth(value: _Operand, place: str) -> bool:
    if value is True:
        return True
    if value is False or value is None or value is UNSET:
        return False
    raise TypeError(
        f"{place} needs a boolean, not {value!r}; compare it: q.eq(q.field(...), value)"
    )


def _comparison(
    name: str, holds: Callable[[int], bool], left: object, right: object
) -> FilterExpression:
    first, second = _expression(left), _expression(right)

    def evaluate(document: Mapping[str, Any]) -> _Operand:
        return holds(compare(*_same_number(first.evaluate(document), second.evaluate(document))))

    return FilterExpression(_form(name, first, second), evaluate)


def _arithmetic(
    name: str,
    on_floats: Callable[[float, float], float],
    on_int64: Callable[[int, int], int],
    left: object,
    right: object,
) -> FilterExpression:
    first, second = _expression(left), _expression(right)

    def evaluate(document: Mapping[str, Any]) -> _Operand:
        a, b = _same_number(first.evaluate(document), second.evaluate(document))
        if isinstance(a, Int64) and isinstance(b, Int64):
            return Int64(on_int64(a, b))
        if _is_float64(a) and _is_float64(b):
            return on_floats(float(a), float(b))
        raise TypeError(f"{name}() in a filter needs two numbers of one type, not {a!r} and {b!r}")

    return FilterExpression(_form(name, first, second), evaluate)


def _same_number(left: Any, right: Any) -> tuple[Any, Any]:
    if type(left) is int and isinstance(right, Int64):
        return Int64(left), right
    if type(right) is int and isinstance(left, Int64):
        return left, Int64(right)
    return left, right


def _is_float64(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool | Int64)


def _float_quotient(left: float, right: float) -> float:
    if right:
        return left / right
    if not left or math.isnan(left):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1, right)


def _float_remainder(left: float, right: float) -> float:
    return math.fmod(left, right) if right and math.isfinite(left) else math.nan


def _int64_quotient(left: int, right: int) -> int:
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _int64_remainder(left: int, right: int) -> int:
    return left - right * _int64_quotient(left, right)
