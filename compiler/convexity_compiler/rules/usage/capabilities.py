"""What the context of each kind of function offers (checker-codegen.md A0, language.md 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from convexity_compiler.rules.usage.values import ContextKind, Handle

RUNS: Final[dict[ContextKind, frozenset[str]]] = {
    "query": frozenset({"run_query"}),
    "mutation": frozenset({"run_query", "run_mutation"}),
    "action": frozenset({"run_query", "run_mutation", "run_action"}),
}
"""Methods that run other functions, by kind."""

_COMMON: Final = frozenset({"auth", "meta", "now", "storage"})
ATTRIBUTES: Final[dict[ContextKind, frozenset[str]]] = {
    "query": _COMMON | RUNS["query"] | {"db", "with_options"},
    "mutation": _COMMON | RUNS["mutation"] | {"db", "scheduler", "with_options"},
    "action": _COMMON | RUNS["action"] | {"scheduler", "vector_search"},
}
"""Everything a context has, by kind."""

WRITES: Final = frozenset({"insert", "patch", "replace", "delete"})
"""Methods of the database that only mutations have."""


def is_only(handle: Handle, *kinds: ContextKind) -> bool:
    """Whether a context is known to belong to functions of these kinds alone."""
    return bool(handle.kinds) and handle.kinds <= set(kinds)
