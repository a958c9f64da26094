"""What an expression that holds a result was awaited from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from convexity_compiler.rules.usage.functions import FunctionUse


def awaited_call(use: FunctionUse, expression: e.Expr) -> e.Call | None:
    """Return the call whose result an expression holds; None for all else.

    It sees through variables that are assigned once, ``:=`` and ``(await asyncio.gather(...))[0]``.
    """
    value = use.scope.constant(expression)
    while isinstance(value, e.Walrus):
        value = use.scope.constant(value.value)
    match value:
        case e.Await(value=awaited):
            call = use.scope.constant(awaited)
        case e.Subscript(value=several, index=e.Constant(value=int(position))):
            every = awaited_call(use, several)
            if (
                every is None
                or not 0 <= position < len(every.arguments)
                or any(isinstance(entry, e.Starred) for entry in every.arguments[: position + 1])
                or use.scope.qualified_name(every.function) != "asyncio.gather"
            ):
                return None
            call = use.scope.constant(every.arguments[position])
        case _:
            return None
    return call if isinstance(call, e.Call) else None
