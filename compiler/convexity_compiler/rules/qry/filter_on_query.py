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
from convexity_compiler.rules.usage.values import literal_text
from convexity_compiler.span import Span
from convexity_compiler.summary.expressions import Attribute, Await

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic, Label
    from convexity_compiler.link.model import LinkedIndex, LinkedProject, LinkedTable
    from convexity_compiler.rules.usage.functions import QueryCall
    from convexity_compiler.rules.usage.values import Query
    from convexity_compiler.summary.expressions import Expr


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

    Where the filter is equalities that an index answers, alone or behind the equalities of a range,
    the fix uses the index. It is unsafe: rows then come in the order of the index.

    ## References

    - Convex guidelines, *Query guidelines*: "Do NOT use `filter` in queries". Their own pagination
      sample does; the profile `recommended` allows a filter behind an index range or before
      `paginate`, as newer documentation has it, and warns elsewhere.
    """

    name = "filter-on-query"
    code = "QRY001"
    words = frozenset({"filter"})
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
        span = site.method.name_span.through(call.span)
        table = table_of(project, query)
        wanted = equalities(call.arguments[0]) if call.arguments else None
        narrowed = _equalities_before(query)
        is_direct = narrowed is not None and not set(narrowed) & set(wanted or ())
        wanted = {**narrowed, **wanted} if narrowed and wanted and is_direct else wanted
        remedy = "define an index with the fields of the condition, and use `.with_index(...)`"
        labels: tuple[Label, ...] = ()
        fix = None
        if wanted and table:
            index = _matching_index(table, tuple(wanted))
            if index:
                arguments = _arguments(project, module, index, wanted)
                equalities_text = "".join(f".eq({text})" for text in arguments)
                remedy = f'use `.with_index("{index.name}"){equalities_text}`'
                fix = _fix(project, module, site, index, arguments) if is_direct else None
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
            Location(module, span),
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


def _arguments(
    project: LinkedProject, module: str, index: LinkedIndex, wanted: dict[str, Expr]
) -> list[str]:
    """Return the arguments of the equalities of a range, in the order of the index."""
    found = []
    for field in index.fields[: len(wanted)]:
        value = wanted[field]
        source = project.modules[module].source(value.span)
        found.append(f'"{field}", {f"({source})" if isinstance(value, Await) else source}')
    return found


def _equalities_before(query: Query) -> dict[str, Expr] | None:
    """Return the values by field of the range that a query is, none for a whole table.

    None where anything else is done, or where some of it stands elsewhere.
    """
    if not query.is_exact:
        return None
    found: dict[str, Expr] = {}
    for position, call in enumerate(query.calls):
        field = literal_text(call, 0)
        method = call.function.name if isinstance(call.function, Attribute) else ""
        if position == 0 and method == "with_index" and call.arguments:
            continue
        if position == 0 or method != "eq" or field is None or len(call.arguments) != 2:
            return None
        found[field] = call.arguments[1]
    return found


def _fix(
    project: LinkedProject, module: str, site: QueryCall, index: LinkedIndex, arguments: list[str]
) -> Fix | None:
    """Return the fix that writes equalities in the place of the filter, and of those before it."""
    query, call = site.query, site.call
    if query.calls and query.start.span[:2] != call.span[:2]:
        return None  # a part of the range is written elsewhere
    texts: list[tuple[Span, str]] = []
    begin = f'with_index("{index.name}").'
    if query.calls:
        texts.append((query.calls[0].arguments[0].span, f'"{index.name}"'))
        begin = ""
    for known, text in zip(query.calls[1:], arguments, strict=False):
        texts.append((known.arguments[0].span.through(known.arguments[1].span), text))
    added = arguments[len(query.calls[1:]) :]
    equalities = ".".join(f"eq({text})" for text in added)
    texts.append((site.method.name_span.through(call.span), begin + equalities))
    return Fix(
        title=f'use `.with_index("{index.name}")`',
        applicability="unsafe",
        edits=tuple(replace_text(project, module, span, text) for span, text in texts),
    )
