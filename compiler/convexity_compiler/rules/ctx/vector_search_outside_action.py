"""CTX003."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.capabilities import is_only
from convexity_compiler.rules.usage.functions import functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class VectorSearchOutsideAction(Rule):
    """A vector search outside an action.

    ## What it does

    Finds `ctx.vector_search` in queries and mutations.

    ## Why is this bad?

    Only actions have vector search. The call fails.

    ## Example

    ```python
    @query(args={"vector": v.array(v.number())}, returns=v.any())
    async def similar(ctx: QueryCtx, vector: list[float]) -> Any:
        return await ctx.vector_search("documents", "by_embedding", vector=vector)
    ```

    ## Use instead

    ```python
    from ._generated.server import ActionCtx, action


    @action(args={"vector": v.array(v.number())}, returns=v.any())
    async def similar(ctx: ActionCtx, vector: list[float]) -> Any:
        return await ctx.vector_search("documents", "by_embedding", vector=vector)
    ```

    ## References

    - [The language, section 4](../reference/language.md#4-public-names):
      only `ActionCtx` has `vector_search`.
    """

    name = "vector-search-outside-action"
    code = "CTX003"
    words = frozenset({"vector_search"})

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the calls on contexts."""
        for use in functions(project):
            for site in use.context_calls:
                if (
                    not site.owner.path
                    and site.method.name == "vector_search"
                    and is_only(site.owner, "query", "mutation")
                ):
                    yield self.finding(
                        project,
                        Location(use.module, site.method.span),
                        "only actions have vector search",
                        help="search in an action, and load the documents by their ids in a query",
                    )
