"""What an expression in the body of a function is known to hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from convexity_compiler.records import value
from convexity_compiler.summary.expressions import Attribute, Constant

if TYPE_CHECKING:
    from convexity_compiler.summary.expressions import Call

ContextKind: TypeAlias = Literal["query", "mutation", "action"]

CONTEXT_KINDS: Final[dict[str, ContextKind]] = {
    "QueryCtx": "query",
    "MutationCtx": "mutation",
    "ActionCtx": "action",
}
"""Kind of function by the name of its context."""
CONTEXT_NAMES: Final[dict[ContextKind, str]] = {kind: name for name, kind in CONTEXT_KINDS.items()}
BUILDERS: Final = frozenset(
    {"with_index", "with_search_index", "search", "order", "filter"}
    | {"eq", "gt", "gte", "lt", "lte"}
)
"""Methods after which there is still a query (language.md section 4)."""
BOUNDS: Final = frozenset({"eq", "gt", "gte", "lt", "lte", "with_search_index"})
"""Methods after which a query no longer reads a whole table."""
TERMINALS: Final = frozenset({"collect", "first", "paginate", "take", "unique"})
"""Methods after which there is no query any more."""


@value
class Handle:
    """A context or a part of it."""

    kinds: frozenset[ContextKind]
    """Kinds of functions whose context it may be; empty when that is not known."""
    path: tuple[str, ...] = ()
    """Attributes behind the context: ``("db", "system")``; ``("options",)`` for the caller that
    ``ctx.with_options(...)`` returns."""


@value
class Query:
    """A database query as far as it is built."""

    start: Call
    """The call ``ctx.db.query(...)``."""
    calls: tuple[Call, ...]
    """The calls of methods behind it, in order."""
    is_system: bool
    """Whether it reads through ``ctx.db.system``."""
    is_exact: bool
    """Whether ``calls`` is all there is; not so for a variable that is assigned repeatedly."""

    @property
    def table(self) -> str | None:
        """Name of the table, when it is a literal."""
        return literal_text(self.start, 0)

    @property
    def methods(self) -> tuple[str, ...]:
        """Names of the methods behind ``query``."""
        return tuple(
            call.function.name for call in self.calls if isinstance(call.function, Attribute)
        )


Value: TypeAlias = Handle | Query


def literal_text(call: Call, position: int) -> str | None:
    """Return a positional argument that is a string literal."""
    argument = call.arguments[position] if position < len(call.arguments) else None
    if isinstance(argument, Constant) and isinstance(argument.value, str):
        return argument.value
    return None
