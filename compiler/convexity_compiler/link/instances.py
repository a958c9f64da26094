"""Values that modules make by calling a class from outside the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.symbols import Defined, External
from convexity_compiler.summary.expressions import Call
from convexity_compiler.summary.statements import Assign

if TYPE_CHECKING:
    from convexity_compiler.link.resolve import Resolver
    from convexity_compiler.link.symbols import Symbol


def made_by(resolver: Resolver, symbol: Symbol | None) -> str | None:
    """Return the origin of the callable whose result a top-level name is bound to, once.

    ``openai.AsyncOpenAI`` for ``client`` in ``client = AsyncOpenAI()``.
    """
    call = construction(resolver, symbol)
    if call is None:
        return None
    origin = resolver.symbol(call[0], call[1].function)
    return origin.name if isinstance(origin, External) else None


def construction(resolver: Resolver, symbol: Symbol | None) -> tuple[str, Call] | None:
    """Return the module and the call whose result a top-level name is bound to, once."""
    if not isinstance(symbol, Defined):
        return None
    bound = resolver.bound(symbol.module, symbol.name)
    if len(bound) != 1 or not isinstance(bound[0].definition, Assign):
        return None
    value = bound[0].definition.value
    return (symbol.module, value) if isinstance(value, Call) else None
