"""Numbers that functions spell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.summary.expressions import Constant, Unary

if TYPE_CHECKING:
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.summary.expressions import Expr


def number_of(use: FunctionUse, expression: Expr) -> int | None:
    """Return the whole number that an expression is, directly or through a local variable."""
    expression = use.scope.constant(expression)
    sign = 1
    if isinstance(expression, Unary) and expression.operator == "-":
        sign, expression = -1, expression.operand
    if isinstance(expression, Constant) and type(expression.value) is int:
        return sign * expression.value
    return None
