"""Numbers that functions spell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.summary.expressions import Binary, Constant, Unary

if TYPE_CHECKING:
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.summary.expressions import Expr

_OPERATORS: Final = frozenset({"+", "-", "*", "/"})
_LARGEST: Final = 1e18
"""Larger numbers are no delays or counts, and might not fit a float."""


def number_of(use: FunctionUse, expression: Expr) -> int | None:
    """Return the whole number that an expression is, directly or through a local variable."""
    expression = use.scope.constant(expression)
    sign = 1
    if isinstance(expression, Unary) and expression.operator == "-":
        sign, expression = -1, expression.operand
    if isinstance(expression, Constant) and type(expression.value) is int:
        return sign * expression.value
    return None


def arithmetic(expression: Expr) -> float | None:
    """Return the value of a number or of arithmetic with numbers."""
    match expression:
        case Constant(value=bool()):
            return None
        case Constant(value=int() | float() as value):
            return float(value) if abs(value) <= _LARGEST else None
        case Unary(operator="-", operand=operand):
            found = arithmetic(operand)
            return None if found is None else -found
        case Binary(operator=operator, left=left, right=right) if operator in _OPERATORS:
            first, second = arithmetic(left), arithmetic(right)
            if first is None or second is None or (operator == "/" and second == 0):
                return None
            return {
                "+": first + second,
                "-": first - second,
                "*": first * second,
            }.get(operator, first / (second or 1))
        case _:
            return None
