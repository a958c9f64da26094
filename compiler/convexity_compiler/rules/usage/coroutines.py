"""The calls of a function that give a coroutine, and which of those are never awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from convexity_compiler.link.symbols import Defined, External
from convexity_compiler.memo import Memo
from convexity_compiler.rules.usage.values import BUILDERS, TERMINALS, Query
from convexity_compiler.summary import expressions as e
from convexity_compiler.summary.model import FunctionSummary
from convexity_compiler.summary.statements import Assign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.rules.usage.places import Place

_METHODS: Final = {
    (): frozenset({"run_query", "run_mutation", "run_action", "vector_search"}),
    ("options",): frozenset({"run_query", "run_mutation", "run_action"}),
    ("auth",): frozenset({"get_user_identity"}),
    ("db",): frozenset({"get", "get_many", "insert", "patch", "replace", "delete"}),
    ("db", "system"): frozenset({"get"}),
    ("meta",): frozenset(
        {"get_transaction_metrics", "get_function_metadata", "get_request_metadata"}
    ),
    ("scheduler",): frozenset({"run_after", "run_at", "cancel"}),
    ("storage",): frozenset({"get_url", "generate_upload_url", "delete", "store", "get"}),
}
"""Methods that are awaited, by the path to their owner (language.md section 4)."""
_USES: Final = frozenset({"receiver", "statement", "subscripted", "tested", "iterated"})
"""What can be done with a result and not with a coroutine."""
_OF_VALUES: Final = frozenset(
    f"builtins.{name}"
    for name in (
        *("all", "any", "bool", "dict", "enumerate", "float", "frozenset", "int", "iter", "len"),
        *("list", "max", "min", "reversed", "set", "sorted", "sum", "tuple"),
    )
)
"""Functions that look into what they are given, and do not await it."""
_KNOWN: Final[Memo[FunctionUse, tuple[Coroutine, ...]]] = Memo()


class Coroutine(NamedTuple):
    """A call whose result is a coroutine."""

    place: Place
    call: e.Call
    name: str
    """Name of the method or function that is called."""


def never_awaited(project: LinkedProject, use: FunctionUse) -> tuple[Coroutine, ...]:
    """Return the calls whose coroutine is surely not awaited; worked out once, for all rules."""
    found = _KNOWN.get(use)
    if found is None:
        found = _KNOWN[use] = tuple(
            entry
            for entry in _coroutines(project, use)
            if _is_misused(use, entry.place) or _is_held_in_vain(use, entry)
        )
    return found


def read_query(use: FunctionUse, expression: e.Expr) -> str | None:
    """Return the last step of a query that is read, awaited or not; None for all else."""
    value = use.scope.constant(expression)
    if isinstance(value, e.Await):
        value = use.scope.constant(value.value)
    match value:
        case e.Call(function=e.Attribute(value=owner, name=name)) if name in TERMINALS:
            return name if isinstance(use.scope.value(owner), Query) else None
        case _:
            return None


def _coroutines(project: LinkedProject, use: FunctionUse) -> Iterator[Coroutine]:
    for site in use.context_calls:
        if site.method.name in _METHODS.get(site.owner.path, ()):
            yield Coroutine(site.place, site.written, site.method.name)
    for step in use.query_calls:
        if step.method.name in TERMINALS:
            yield Coroutine(step.place, step.written, step.method.name)
    for place in use.calls:
        if isinstance(place.node, e.Call) and place.role != "awaited":
            name = _own_function(project, use, place.node.function)
            if name is not None:
                yield Coroutine(place, place.node, name)


def _own_function(project: LinkedProject, use: FunctionUse, called: e.Expr) -> str | None:
    """Return the name of the ``async def`` of the project that is called.

    What a decorator makes of a function is not known, and registered functions are not called.
    """
    symbol = use.scope.symbol(called)
    if not isinstance(symbol, Defined) or symbol.attributes:
        return None
    bound = project.resolver.bound(symbol.module, symbol.name)
    definition = bound[0].definition if len(bound) == 1 else None
    if (
        not isinstance(definition, FunctionSummary)
        or not definition.is_async
        or definition.is_generator
        or definition.decorators
    ):
        return None
    return definition.name


def _is_misused(use: FunctionUse, place: Place) -> bool:
    """Whether the result of a coroutine is used where the coroutine itself stands."""
    if place.role in _USES:
        return not _is_built_on(use, place)
    if place.role == "returned":
        return use.registered is not None and not place.is_nested
    parent = place.parent
    if not isinstance(parent, e.Call) or parent.function is place.node:
        return False
    symbol = use.scope.symbol(parent.function)
    return isinstance(symbol, External) and symbol.name in _OF_VALUES


def _is_built_on(use: FunctionUse, place: Place) -> bool:
    """Whether a query is built on after its last step, which ``await`` does not mend."""
    parent = place.parent
    return (
        isinstance(parent, e.Attribute)
        and (parent.name in BUILDERS or parent.name in TERMINALS)
        and read_query(use, parent.value) is not None
    )


def _is_held_in_vain(use: FunctionUse, coroutine: Coroutine) -> bool:
    """Whether a variable gets the coroutine, and nothing in the function can await it there."""
    match coroutine.place.parent:
        case Assign(targets=(e.Name(id=name) as target,), value=value) if value is coroutine.call:
            pass
        case _:
            return False
    if len(use.bindings.get(name, ())) != 1:
        return False
    return all(
        _is_misused(use, place)
        for place in use.names
        if isinstance(place.node, e.Name) and place.node.id == name and place.node is not target
    )
