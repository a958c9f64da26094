"""QRY020."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values.limits import MAX_SEARCH_FILTERS

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.tables import table_of
from convexity_compiler.rules.usage.values import literal_text
from convexity_compiler.summary.expressions import Attribute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedIndex, LinkedProject, LinkedTable
    from convexity_compiler.rules.usage.values import Query


class UndeclaredSearchFilter(Rule):
    """A search is narrowed by a field that its index does not filter by.

    ## What it does

    Finds `.eq(...)` behind `.search(...)` with a field that is not among the `filter_fields` of the
    index, `.search(...)` with a field that is not its search field, and more than eight filters.

    ## Why is this bad?

    The query fails.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(text=v.string(), kind=v.string()).search_index(
            "search_text", search_field="text"
        ),
    )


    # convex/messages.py
    @query(args={}, returns=v.any())
    async def found(ctx: QueryCtx) -> Any:
        rows = ctx.db.query("messages").with_search_index("search_text")
        return await rows.search("text", "hello").eq("kind", "note").take(10)
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(text=v.string(), kind=v.string()).search_index(
            "search_text", search_field="text"
        ),
    )


    # convex/messages.py
    @query(args={}, returns=v.any())
    async def found(ctx: QueryCtx) -> Any:
        rows = ctx.db.query("messages").with_search_index("search_text")
        return await rows.search("text", "hello").take(10)
    ```

    ## References

    - Convex, *Full text search*: filter fields are declared with the index.
    """

    name = "undeclared-search-filter"
    code = "QRY020"
    words = frozenset({"with_search_index"})

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the steps of every search."""
        for use in functions(project):
            for site in use.query_calls:
                table = table_of(project, site.query)
                index = None if table is None else _index(table, site.query)
                field = literal_text(site.call, 0)
                if index is None or field is None or not site.query.is_exact:
                    continue
                literal = Location(use.module, site.call.arguments[0].span)
                labels = (label_at(project, index.location, "the index"),)
                if site.method.name == "search" and field not in index.fields:
                    yield self.finding(
                        project,
                        literal,
                        f"index `{index.name}` does not search `{field}`",
                        help=f"it searches `{index.fields[0]}`",
                        labels=labels,
                    )
                elif site.method.name == "eq" and field not in index.filter_fields:
                    yield self.finding(
                        project,
                        literal,
                        f"index `{index.name}` does not filter by `{field}`",
                        help=f'add it to the index: `filter_fields=[..., "{field}"]`',
                        labels=labels,
                    )
                elif (
                    site.method.name == "eq"
                    and site.query.methods.count("eq") == MAX_SEARCH_FILTERS
                ):
                    yield self.finding(
                        project,
                        literal,
                        f"a search has {MAX_SEARCH_FILTERS} filters at most",
                        help="test the rest in Python",
                    )


def _index(table: LinkedTable, query: Query) -> LinkedIndex | None:
    """The search index that a query uses, if it is declared."""
    for call in query.calls:
        if isinstance(call.function, Attribute) and call.function.name == "with_search_index":
            found = table.index(literal_text(call, 0) or "")
            return found if found is not None and found.kind == "search" else None
    return None
