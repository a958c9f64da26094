"""CTX008."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.capabilities import ATTRIBUTES, WRITES
from convexity_compiler.rules.usage.ctx_members import QUERY_PATH, members, snake_case
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.tables import listed, nearest_name
from convexity_compiler.rules.usage.values import Handle
from convexity_compiler.summary.expressions import Attribute

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from convexity_compiler.diagnostics.model import Applicability, Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.values import Value

_ALL: Final = frozenset().union(*ATTRIBUTES.values())
_PARTS: Final = {
    ("db",): "the database",
    ("db", "system"): "`db.system`",
    ("scheduler",): "the scheduler",
    ("auth",): "`ctx.auth`",
    ("storage",): "the file storage",
    ("meta",): "`ctx.meta`",
    ("options",): "the caller",
    QUERY_PATH: "a query",
}
"""What messages call the parts of a context."""
_OF_OTHER_RULES: Final[dict[tuple[str, ...], frozenset[str]]] = {
    ("db", "system"): WRITES,  # system-table-write
    ("storage",): frozenset({"get_metadata", "getMetadata"}),  # deprecated-storage-metadata
    QUERY_PATH: frozenset({"delete"}),  # delete-on-query
}
"""What other rules say more about."""
_SYNONYMS: Final[dict[tuple[tuple[str, ...], str], str]] = {
    (QUERY_PATH, "get"): "first",
    (QUERY_PATH, "one"): "unique",
    (QUERY_PATH, "all"): "collect",
    (QUERY_PATH, "to_list"): "collect",
    (QUERY_PATH, "limit"): "take",
    (QUERY_PATH, "order_by"): "order",
    (("db",), "update"): "patch",
    (("db",), "remove"): "delete",
    (("db",), "find"): "get",
    (("db",), "add"): "insert",
}
"""What other libraries call the methods."""
_CONDITIONS: Final = frozenset({"where", "filter_by", "find", "find_by", "match"})
"""What other libraries call the method that narrows a query."""
_FILTER: Final = "filter"
"""The method of queries that is never advised: filter-on-query refuses it."""


class _Owner(NamedTuple):
    what: str
    known: Collection[str]
    is_certain: bool
    """Whether it is known to be what ``what`` says, not only by the name of a parameter."""
    path: tuple[str, ...]


class UnknownCtxAttribute(Rule):
    """A context, a part of it or a query is asked for something that none has.

    ## What it does

    Compares the attributes of `ctx`, of `ctx.db`, `ctx.db.system`, `ctx.scheduler`, `ctx.auth`,
    `ctx.storage` and `ctx.meta`, and the methods of queries with what they offer. What another kind
    of function has is left to the rules about it: `db-in-action`, `scheduler-in-query`,
    `run-not-allowed`, `vector-search-outside-action`.

    ## Why is this bad?

    The access fails with an `AttributeError`.

    ## Example

    ```python
    @query(args={}, returns=v.any())
    async def latest(ctx: QueryCtx) -> Any:
        return await ctx.runQuery(internal.messages.load)
    ```

    ## Use instead

    ```python
    @query(args={}, returns=v.any())
    async def latest(ctx: QueryCtx) -> Any:
        return await ctx.run_query(internal.messages.load)
    ```

    ## Fix safety

    Where the name is one of TypeScript, the fix writes its Python spelling and is safe. Else it
    writes the nearest name, and is unsafe: another one may be meant.

    ## References

    - [The language, section 4](../reference/language.md#4-public-names):
      `QueryCtx`, `MutationCtx` and `ActionCtx`.
    """

    name = "unknown-ctx-attribute"
    code = "CTX008"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the attributes of every context, its parts and queries."""
        for use in functions(project):
            for place in use.attributes:
                node = place.node
                if not isinstance(node, Attribute) or node.name.startswith("_"):
                    continue
                value = use.scope.value(node.value)
                owner = None if value is None else _owner(value)
                if owner is not None and _is_unknown(owner, node.name):
                    yield self._unknown(project, use.module, node, owner)

    def _unknown(
        self, project: LinkedProject, module: str, node: Attribute, owner: _Owner
    ) -> Diagnostic:
        twin = snake_case(node.name)
        known = sorted(owner.known)
        if owner.path == QUERY_PATH:
            known.remove(_FILTER)
            if twin in _CONDITIONS or nearest_name(twin, [_FILTER]):
                return self.finding(
                    project,
                    Location(module, node.name_span),
                    f"{owner.what} has no method `{node.name}`",
                    help="write `.with_index(...).eq(...)`: an index narrows a query",
                )
        nearest = _SYNONYMS.get((owner.path, twin)) or nearest_name(twin, known)
        kind = "method" if owner.path == QUERY_PATH else "attribute"
        fix = None
        if nearest is not None:
            fix = _fix(project, module, node, nearest, "safe" if nearest == twin else "unsafe")
        return self.finding(
            project,
            Location(module, node.name_span),
            f"{owner.what} has no {kind} `{node.name}`",
            label=f"did you mean `{nearest}`?" if nearest else "",
            help=f"it has {listed(known)}",
            fix=fix,
        )


def _owner(value: Value) -> _Owner:
    if isinstance(value, Handle):
        return _context_owner(value)
    return _Owner(_PARTS[QUERY_PATH], members(QUERY_PATH), value.is_exact, QUERY_PATH)


@cache
def _context_owner(value: Handle) -> _Owner:
    if value.path:
        return _Owner(_PARTS[value.path], members(value.path), bool(value.kinds), value.path)
    known = frozenset().union(*(ATTRIBUTES[kind] for kind in value.kinds))
    return _Owner("the context", known, bool(value.kinds), ())


def _is_unknown(owner: _Owner, name: str) -> bool:
    if name in owner.known or (not owner.path and name in _ALL):
        return False
    if name in _OF_OTHER_RULES.get(owner.path, ()):
        return False
    return owner.is_certain or snake_case(name) in owner.known


def _fix(
    project: LinkedProject,
    module: str,
    attribute: Attribute,
    name: str,
    applicability: Applicability,
) -> Fix:
    edit = replace_text(project, module, attribute.name_span, name)
    return Fix(title=f"use `{name}`", applicability=applicability, edits=(edit,))
