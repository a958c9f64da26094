"""Delays and times that functions give to the scheduler."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.summary.expressions import Call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.summary.expressions import Expr


class When(NamedTuple):
    """The first argument of ``run_after`` or ``run_at``."""

    use: FunctionUse
    method: str
    written: Expr
    value: Expr
    """What a variable that is assigned once holds."""


def whens(project: LinkedProject) -> Iterator[When]:
    """Yield when functions are scheduled to run."""
    for use in functions(project):
        for site in use.context_calls:
            if (
                site.owner.path == ("scheduler",)
                and site.method.name in ("run_after", "run_at")
                and site.call.arguments
            ):
                written = site.call.arguments[0]
                yield When(use, site.method.name, written, use.scope.constant(written))


def timedelta_call(use: FunctionUse, expression: Expr) -> Call | None:
    """Return the call of ``timedelta(...)`` that an expression is."""
    if not isinstance(expression, Call):
        return None
    name = use.scope.qualified_name(expression.function)
    return expression if name == "datetime.timedelta" else None
