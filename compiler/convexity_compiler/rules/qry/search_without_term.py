"""QRY019."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.functions import functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class SearchWithoutTerm(Rule):
    """A search index is used without a search.

    ## What it does

    Finds `.with_search_index(...)` that `.search(...)` does not follow at once.

    ## Why is this bad?

    The query fails: results are found by a text.

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
        return await rows.take(10)
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

    - `MissingSearchFilter` in get-convex/convex-backend.
    """

    name = "search-without-term"
    code = "QRY019"
    words = frozenset({"with_search_index"})

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the first step behind every search index."""
        for use in functions(project):
            for site in use.query_calls:
                methods = (*site.query.methods, site.method.name)
                if not site.query.is_exact or "with_search_index" not in site.query.methods:
                    continue
                position = methods.index("with_search_index") + 1
                if position == len(methods) - 1 and methods[position] != "search":
                    yield self.finding(
                        project,
                        Location(use.module, site.method.name_span.through(site.call.span)),
                        f"`{methods[position]}` comes before `search`",
                        help="say first what is searched for: `.search(field, text)`",
                    )
