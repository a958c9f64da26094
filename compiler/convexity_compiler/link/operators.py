"""Operators on constants and containers, bounded so that no expression can exhaust memory."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sized
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST_COLLECTION: Final = 10_000
"""Most elements (or characters) of a value that is built while evaluating."""
_LARGEST_EXPONENT: Final = 64
_LARGEST_BITS: Final = 4096

_NUMERIC: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "|": operator.or_,
    "&": operator.and_,
}
_COMPARISONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "is": operator.is_,
    "is not": operator.is_not,
    "in": lambda left, right: left in right,
    "not in": lambda left, right: left not in right,
}
_UNARY: Final[dict[str, Callable[[Any], Any]]] = {
    "-": operator.neg,
    "+": operator.pos,
    "not": operator.not_,
    "~": operator.invert,
}


class OperatorError(Exception):
    """The operands do not fit the operator; the text is a clause without a full stop."""


def binary(symbol: str, left: object, right: object) -> object:
    """Apply a binary operator to constants, lists, tuples and dicts."""
    if symbol == "|" and isinstance(left, Mapping) and isinstance(right, Mapping):
        return {**left, **right}
    operation = _NUMERIC.get(symbol)
    if operation is None or not (_is_plain(left) and _is_plain(right)):
        raise OperatorError(f"`{symbol}` cannot be evaluated for these operands")
    if symbol == "%" and isinstance(left, str | bytes):
        raise OperatorError("`%` formatting is not evaluated; use an f-string")
    _check_size(symbol, left, right)
    return _apply(operation, left, right)


def compare(symbol: str, left: object, right: object) -> bool:
    """Apply a comparison."""
    return bool(_apply(_COMPARISONS[symbol], left, right))


def unary(symbol: str, operand: object) -> object:
    """Apply a unary operator."""
    return _apply(_UNARY[symbol], operand)


def _apply(operation: Callable[..., Any], *operands: object) -> Any:
    try:
        return operation(*operands)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise OperatorError(str(error)) from None


def _is_plain(value: object) -> bool:
    return isinstance(value, str | bytes | int | float | list | tuple | set | frozenset)


def _check_size(symbol: str, left: object, right: object) -> None:
    sizes = [len(operand) for operand in (left, right) if isinstance(operand, Sized)]
    numbers = [operand for operand in (left, right) if isinstance(operand, int)]
    too_large = sum(sizes) > LARGEST_COLLECTION
    if symbol == "*" and sizes and numbers:
        too_large = sizes[0] * max(numbers[0], 0) > LARGEST_COLLECTION
    elif symbol == "**" and numbers:
        too_large = isinstance(right, int | float) and abs(right) > _LARGEST_EXPONENT
    if any(number.bit_length() > _LARGEST_BITS for number in numbers) or too_large:
        raise OperatorError("the result is too large to be evaluated")
