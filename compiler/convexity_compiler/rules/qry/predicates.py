"""Reading the predicate of a filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.summary.expressions import Attribute, Call, Constant, Lambda, Name

if TYPE_CHECKING:
    from convexity_compiler.summary.expressions import Expr


def equalities(predicate: Expr) -> dict[str, Expr] | None:
    """Return the values by field of ``lambda q: q.eq(q.field("a"), x)``, joined by ``q.and_``.

    None when the predicate says anything else.
    """
    if not isinstance(predicate, Lambda) or len(predicate.parameters) != 1:
        return None
    found: dict[str, Expr] = {}
    return found if _collect(predicate.body, predicate.parameters[0].name, found) else None


def _collect(expression: Expr, builder: str, found: dict[str, Expr]) -> bool:
    method = _method(expression, builder)
    if not isinstance(expression, Call) or expression.keywords:
        return False
    if method == "and_":
        return all(_collect(operand, builder, found) for operand in expression.arguments)
    if method != "eq" or len(expression.arguments) != 2:
        return False
    left, right = expression.arguments
    field = _field(left, builder)
    if field is None:
        left, right = right, left
        field = _field(left, builder)
    if field is None or field in found or _field(right, builder) is not None:
        return False
    found[field] = right
    return True


def _method(expression: Expr, builder: str) -> str | None:
    """Return the name of the builder's method that an expression calls."""
    if isinstance(expression, Call) and isinstance(expression.function, Attribute):
        owner = expression.function.value
        if isinstance(owner, Name) and owner.id == builder:
            return expression.function.name
    return None


def _field(expression: Expr, builder: str) -> str | None:
    if _method(expression, builder) != "field" or not isinstance(expression, Call):
        return None
    argument = expression.arguments[0] if expression.arguments else None
    if isinstance(argument, Constant) and isinstance(argument.value, str):
        return argument.value
    return None
