"""QRY012."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.coroutines import read_query
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.values import BUILDERS, TERMINALS, literal_text
from convexity_compiler.summary.expressions import Attribute, Call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse, QueryCall

_ORDERS: Final = ("asc", "desc")
_MEANT: Final = {
    "ASC": "asc",
    "ascending": "asc",
    "DESC": "desc",
    "descending": "desc",
}
"""What other spellings surely mean."""


class OrderMisuse(Rule):
    """A query is ordered twice, too late, or in a way that does not exist.

    ## What it does

    Finds a second `.order(...)`, an `.order(...)` behind `.with_search_index(...)`, and literals
    other than `"asc"` and `"desc"`. It also finds `.order(...)` and every other step behind the
    last one, `take`, `first`, `unique`, `paginate` or `collect`, awaited or not.

    ## Why is this bad?

    The query fails: it has one order, and results of a search come by relevance. What the last step
    gives are documents, and no query that could be ordered or narrowed.

    ## Example

    ```python
    @query(args={}, returns=v.any())
    async def latest(ctx: QueryCtx) -> Any:
        return await ctx.db.query("messages").order("descending").take(10)
    ```

    ## Use instead

    ```python
    @query(args={}, returns=v.any())
    async def latest(ctx: QueryCtx) -> Any:
        return await ctx.db.query("messages").order("desc").take(10)
    ```

    ## Fix safety

    The fix writes the order that another spelling means, and is safe.

    ## References

    - `server/impl/query_impl.ts` of convex-js.
    """

    name = "order-misuse"
    code = "QRY012"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every order, and at every step behind the last one."""
        for use in functions(project):
            yield from self._late_steps(project, use)
            for site in use.query_calls:
                if site.method.name != "order" or not site.query.is_exact:
                    continue
                found = _fault(site)
                if found is None:
                    continue
                literal = site.call.arguments[0] if site.call.arguments else site.call
                meant = _MEANT.get(literal_text(site.call, 0) or "")
                fix = None
                if meant is not None:
                    edit = replace_text(project, use.module, literal.span, f'"{meant}"')
                    fix = Fix(title=f'use "{meant}"', applicability="safe", edits=(edit,))
                yield self.finding(
                    project,
                    Location(use.module, site.method.name_span.through(site.call.span)),
                    found[0],
                    help=found[1],
                    fix=fix,
                )

    def _late_steps(self, project: LinkedProject, use: FunctionUse) -> Iterator[Diagnostic]:
        for place in use.calls:
            call = place.node
            if not isinstance(call, Call) or not isinstance(call.function, Attribute):
                continue
            late = call.function
            if late.name not in BUILDERS and late.name not in TERMINALS:
                continue
            last = read_query(use, late.value)
            if last is None:
                continue
            is_second = late.name in TERMINALS
            yield self.finding(
                project,
                Location(use.module, late.name_span.through(call.span)),
                f"`{last}` has read the query, and `{late.name}` reads nothing more"
                if is_second
                else f"`{late.name}` comes before `{last}`",
                help=f"keep either `.{last}(...)` or `.{late.name}(...)`"
                if is_second
                else f"move `.{late.name}(...)` in front of `.{last}(...)`",
            )


def _fault(site: QueryCall) -> tuple[str, str] | None:
    """Message and remedy."""
    methods = site.query.methods
    if "order" in methods:
        return "the query has an order already", "order it once"
    if "with_search_index" in methods:
        return "results of a search come by relevance", "remove the order"
    order = literal_text(site.call, 0)
    if order is not None and order not in _ORDERS:
        return f'there is no order "{order}"', 'write "asc" or "desc"'
    return None
