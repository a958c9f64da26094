"""Values that leave a function: stored, sent, compared with an index, or returned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.rules.usage.targets import runs
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.rules.usage.local_types import LocalTypes

_WRITTEN: Final = frozenset({"insert", "patch", "replace"})
_COMPARED: Final = frozenset({"eq", "gt", "gte", "lt", "lte"})
_PAIR: Final = 2
"""Arguments of a write and of a step of a range."""


def sinks(use: FunctionUse, types: LocalTypes) -> Iterator[e.Expr]:
    """Yield the expressions whose values must be Convex values.

    Dicts, lists and comprehensions are taken apart.
    """
    for expression in _wholes(use):
        yield from _parts(expression, types)


def _wholes(use: FunctionUse) -> Iterator[e.Expr]:
    for site in use.context_calls:
        if (
            site.owner.path == ("db",)
            and site.method.name in _WRITTEN
            and len(site.call.arguments) == _PAIR
        ):
            yield site.call.arguments[1]
    for run in runs(use):
        for keyword in run.site.call.keywords:
            if keyword.name is not None:
                yield keyword.value
    for step in use.query_calls:
        if step.method.name in _COMPARED and len(step.call.arguments) == _PAIR:
            yield step.call.arguments[1]
    for place in use.calls:
        call = place.node
        if (
            isinstance(call, e.Call)
            and len(call.arguments) == 1
            and use.scope.qualified_name(call.function) == "convexity.values.ConvexError"
        ):
            yield call.arguments[0]
    if use.registered is not None and not use.registered.is_http:
        for statement in use.returns:
            if statement.value is not None:
                yield statement.value


def _parts(expression: e.Expr, types: LocalTypes) -> Iterator[e.Expr]:
    expression = types.display(expression)
    match expression:
        case e.Dict(items=items):
            for item in items:
                if item.key is not None:
                    yield from _parts(item.value, types)
        case e.List(elements=elements):
            for element in elements:
                yield from _parts(element, types)
        case e.Comprehension(kind="list" | "dict", element=element):
            yield from _parts(element, types)
        case e.Conditional(body=body, otherwise=otherwise):
            yield from _parts(body, types)
            yield from _parts(otherwise, types)
        case _:
            yield expression
