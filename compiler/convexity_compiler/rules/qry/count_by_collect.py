"""QRY013."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.counted import counted_collects
from convexity_compiler.rules.usage.functions import functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class CountByCollect(Rule):
    """Documents are read only to be counted.

    ## What it does

    Finds `len(await query.collect())`.

    ## Why is this bad?

    Every document is read, at every call, and any write to them invalidates the query.

    ## Example

    ```python
    @query(args={"channel": v.string()}, returns=v.number())
    async def count(ctx: QueryCtx, channel: str) -> float:
        messages = ctx.db.query("messages").with_index("by_channel").eq("channel", channel)
        return len(await messages.collect())
    ```

    ## Use instead

    ```python
    @query(args={"channel": v.string()}, returns=v.number())
    async def count(ctx: QueryCtx, channel: str) -> float:
        counters = ctx.db.query("counters").with_index("by_channel").eq("channel", channel)
        counter = await counters.unique()
        return counter["messages"] if counter else 0
    ```

    ## References

    - Convex guidelines, newer text: keep a counter in a document of its own instead of counting.
    """

    name = "count-by-collect"
    code = "QRY013"
    words = frozenset({"collect"})
    category = "performance"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every length that is taken."""
        for use in functions(project):
            for call, _ in counted_collects(use):
                yield self.finding(
                    project,
                    Location(use.module, call.span),
                    "all documents are read only to be counted",
                    help="keep the number in a document, and change it where documents are written",
                )
