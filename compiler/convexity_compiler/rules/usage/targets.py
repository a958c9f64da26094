"""Calls that run or schedule other functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from convexity_compiler.link.symbols import Defined
from convexity_compiler.memo import Memo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.link.model import LinkedFunction, LinkedProject
    from convexity_compiler.rules.usage.functions import ContextCall, FunctionUse
    from convexity_compiler.summary.expressions import Expr

_POSITIONS: Final = {
    ((), "run_query"): 0,
    ((), "run_mutation"): 0,
    ((), "run_action"): 0,
    (("scheduler",), "run_after"): 1,
    (("scheduler",), "run_at"): 1,
}
"""Position of the reference by owner and method (language.md section 4)."""


class Run(NamedTuple):
    """A call with its target."""

    site: ContextCall
    position: int
    """Position of ``target`` among the arguments."""
    target: Expr


_RUNS: Final[Memo[FunctionUse, tuple[Run, ...]]] = Memo()


def runs(use: FunctionUse) -> tuple[Run, ...]:
    """Return the calls of a function that run or schedule others."""
    found = _RUNS.get(use)
    if found is None:
        found = _RUNS[use] = tuple(_runs(use))
    return found


def _runs(use: FunctionUse) -> Iterator[Run]:
    for site in use.context_calls:
        path = () if site.owner.path == ("options",) else site.owner.path
        position = _POSITIONS.get((path, site.method.name))
        if position is not None and position < len(site.call.arguments):
            yield Run(site, position, site.call.arguments[position])


def registered_function(
    project: LinkedProject, use: FunctionUse, expression: Expr
) -> LinkedFunction | None:
    """Return the registered function that an expression names as a Python object."""
    symbol = use.scope.symbol(expression)
    if not isinstance(symbol, Defined) or symbol.attributes:
        return None
    return project.handler(symbol.module, symbol.name)


def spelled(function: LinkedFunction) -> tuple[str, str]:
    """Return the root of the reference to a function, and what follows it with its dots."""
    root = "api" if function.visibility == "public" else "internal"
    return root, "".join(f".{part}" for part in (*function.module.split("/"), function.name))
