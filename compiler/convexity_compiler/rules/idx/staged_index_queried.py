"""IDX020."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.usage.used_indexes import used_indexes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class StagedIndexQueried(Rule):
    """A query uses an index that is still being filled.

    ## What it does

    Finds `.with_index(...)`, `.with_search_index(...)` and `ctx.vector_search(...)` with an index
    that is declared `staged=True`.

    ## Why is this bad?

    A staged index cannot be read. The query fails.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        notes=define_table(a=v.string()).index("by_a", ["a"], staged=True),
    )


    # convex/notes.py
    @query(args={"a": v.string()}, returns=v.any())
    async def by_a(ctx: QueryCtx, a: str) -> Any:
        return await ctx.db.query("notes").with_index("by_a").eq("a", a).take(10)
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        notes=define_table(a=v.string()).index("by_a", ["a"]),
    )


    # convex/notes.py
    @query(args={"a": v.string()}, returns=v.any())
    async def by_a(ctx: QueryCtx, a: str) -> Any:
        return await ctx.db.query("notes").with_index("by_a").eq("a", a).take(10)
    ```

    ## References

    - Convex, *Staged indexes*: a staged index is enabled before it is used.
    """

    name = "staged-index-queried"
    code = "IDX020"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every use of an index."""
        for use, name, index in used_indexes(project):
            if index is not None and index.staged:
                yield self.finding(
                    project,
                    Location(use.module, name.span),
                    f"index `{index.name}` is staged, and cannot be read yet",
                    help="remove `staged=True` when the index is filled",
                    labels=(label_at(project, index.location, "the index"),),
                )
