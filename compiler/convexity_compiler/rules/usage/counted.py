"""``len(await query.collect())``: queries that are collected only to be counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.usage.results import awaited_call
from convexity_compiler.rules.usage.values import Query
from convexity_compiler.summary.expressions import Attribute, Await, Call, Subscript

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.rules.usage.functions import FunctionUse


def counted_collects(use: FunctionUse) -> Iterator[tuple[Call, Call]]:
    """Yield each call of ``len`` with the call of ``collect`` whose result it measures."""
    for place in use.calls:
        call = place.node
        if not isinstance(call, Call) or len(call.arguments) != 1:
            continue
        if not isinstance(call.arguments[0], (Await, Subscript)):
            continue  # a variable may be used otherwise too
        read = awaited_call(use, call.arguments[0])
        method = None if read is None else read.function
        if (
            read is not None
            and isinstance(method, Attribute)
            and method.name == "collect"
            and isinstance(use.scope.value(method.value), Query)
            and use.scope.qualified_name(call.function) == "builtins.len"
        ):
            yield call, read
