"""QRY001."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.qry.predicates import equalities
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.tables import table_of
from convexity_compiler.span import Span
from convexity_compiler.summary.expressions import Await

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic, Label
    from convexity_compiler.link.model import LinkedIndex, LinkedProject, LinkedTable
    from convexity_compiler.rules.usage.functions import QueryCall
    from convexity_compiler.rules.usage.values import Query
    from convexity_compiler.summary.expressions import Call, Expr


class FilterOnQuery(Rule):
    """A database query is filtered row by row.

    ## What it does

    Finds `.filter(...)` on a chain that begins with `ctx.db.query(...)`, in one expression or
    through local variables. Anything else that is called `filter` is left alone.

    ## Why is this bad?

    Every row of the table is read and most are dropped: it gets slower as the table grows, and
    any write to the table invalidates the query. An index reads only the rows that match.

    ## Example

    ```python
    @query(args={"author": v.string()}, returns=v.any())
    async def by_author(ctx: QueryCtx, author: str) -> Any:
        messages = ctx.db.query("messages").filter(lambda q: q.eq(q.field("author"), author))
        return await messages.take(10)
    ```

    ## Use instead

    ```python
    @query(args={"author": v.string()}, returns=v.any())
    async def by_author(ctx: QueryCtx, author: str) -> Any:
        return await ctx.db.query("messages").with_index("by_author").eq("author", author).take(10)
    ```

    ## Fix safety

    Where the filter is equalities that an index answers, the fix uses the index. It is unsafe: rows
    then come in the order of the index.

    ## References

    - Convex guidelines, *Query guidelines*: "Do NOT use `filter` in queries". Their own pagination
      sample does; the profile `recommended` allows a filter behind an index range or before
      `paginate`, as newer documentation has it, and warns elsewhere.
    """

    name = "filter-on-query"
    code = "QRY001"
    category = "performance"
    recommended_severity = "warning"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the methods that are called on queries."""
        lenient = project.config.profile == "recommended"
        for use in functions(project):
            paginated = {
                site.method.value.span for site in use.query_calls if site.method.name == "paginate"
            }
            for site in use.query_calls:
                if site.method.name != "filter":
                    continue
                ranged = {"with_index", "with_search_index"} & set(site.query.methods)
                if not lenient or not (ranged or site.call.span in paginated):
                    yield self._filtered(project, use.module, site)

    def _filtered(self, project: LinkedProject, module: str, site: QueryCall) -> Diagnostic:
        call, query = site.call, site.query
        span = Span(*site.method.name_span[:2], *call.span[2:])
        table = table_of(project, query)
        wanted = equalities(call.arguments[0]) if call.arguments else None
        remedy = "define an index with the fields of the condition, and use `.with_index(...)`"
        labels: tuple[Label, ...] = ()
        fix = None
        if wanted and table:
            index = _matching_index(table, tuple(wanted))
            if index:
                range_text = _range(project, module, index, wanted)
                remedy = f"use `{range_text}`"
                fix = _fix(project, module, call, query, range_text)
                labels = (label_at(project, index.location, "this index answers it"),)
            else:
                name = "by_" + "_and_".join(wanted)
                fields = ", ".join(f'"{field}"' for field in wanted)
                remedy = (
                    f'add `.index("{name}", [{fields}])` to table `{table.name}`,'
                    f' and use `.with_index("{name}")`'
                )
                labels = (label_at(project, table.name_location, "the table"),)
        return self.finding(
            project,
            Location(module=module, span=span),
            "`.filter` reads every row of the query, and drops what does not match",
            help=remedy,
            labels=labels,
            fix=fix,
        )


def _matching_index(table: LinkedTable, fields: tuple[str, ...]) -> LinkedIndex | None:
    for index in table.indexes:
        if index.kind == "index" and set(index.fields[: len(fields)]) == set(fields):
            return index
    return None


def _range(project: LinkedProject, module: str, index: LinkedIndex, wanted: dict[str, Expr]) -> str:
    text = f'.with_index("{index.name}")'
    for field in index.fields[: len(wanted)]:
        value = wanted[field]
        source = project.modules[module].source(value.span)
        text += f'.eq("{field}", {f"({source})" if isinstance(value, Await) else source})'
    return text


def _fix(
    project: LinkedProject, module: str, call: Call, query: Query, range_text: str
) -> Fix | None:
    if query.calls or not query.is_exact:
        return None  # only where the filter follows the table directly
    span = Span(*query.start.span[2:], *call.span[2:])
    edit = replace_text(project, module, span, range_text)
    return Fix(title=f"use `{range_text}`", applicability="unsafe", edits=(edit,))
