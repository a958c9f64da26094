"""Calls that run or schedule other functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from convexity_compiler.link.symbols import Defined
from convexity_compiler.memo import Memo
from convexity_compiler.rules.base import label_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Label
    from convexity_compiler.link.model import (
        LinkedFunction,
        LinkedProject,
        Location,
        ReferencePath,
    )
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


class Target(NamedTuple):
    """The function that a reference names."""

    function: LinkedFunction
    owner: LinkedProject
    """The project that it is of: that of the reference, or a component that it uses."""

    def label(self, project: LinkedProject, location: Location, message: str) -> tuple[Label, ...]:
        """A label on a place of the function; none where that lies outside of the project."""
        if self.owner.config.root != project.config.root:
            return ()
        return (label_at(self.owner, location, message),)


def target_of(project: LinkedProject, reference: ReferencePath | None) -> Target | None:
    """Return the function that a reference names, be it of a component; whatever its visibility."""
    if reference is None:
        return None
    if reference.mount is None:
        function = project.function(reference)
        return None if function is None else Target(function, project)
    component = project.component(reference.mount)
    function = project.component_function(reference)
    return None if function is None or component is None else Target(function, component)


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
