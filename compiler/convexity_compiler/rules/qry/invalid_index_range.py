"""QRY007."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.index_ranges import range_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class InvalidIndexRange(Rule):
    """The bounds of a range do not make a range.

    ## What it does

    Finds equalities behind bounds, bounds on two fields, and two lower or two upper bounds.

    ## Why is this bad?

    A range is one stretch of an index: some fields fixed, then one field from a lower to an upper
    bound. Anything else is refused when the query runs.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(channel=v.string(), author=v.string()).index(
            "by_channel_and_author", ["channel", "author"]
        ),
    )


    # convex/messages.py
    @query(args={}, returns=v.any())
    async def general(ctx: QueryCtx) -> Any:
        messages = ctx.db.query("messages").with_index("by_channel_and_author")
        return await messages.gt("channel", "a").eq("author", "Ann").take(10)
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(channel=v.string(), author=v.string()).index(
            "by_channel_and_author", ["channel", "author"]
        ),
    )


    # convex/messages.py
    @query(args={}, returns=v.any())
    async def general(ctx: QueryCtx) -> Any:
        messages = ctx.db.query("messages").with_index("by_channel_and_author")
        return await messages.gt("channel", "a").lt("channel", "b").take(10)
    ```

    ## References

    - [The language, section 3](../reference/language.md#3-names-of-generated-types):
      generated stages allow equalities first, then one lower and one upper
      bound.
    """

    name = "invalid-index-range"
    code = "QRY007"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every range on an index."""
        for found in range_faults(project, "bounds"):
            yield self.finding(
                project,
                found.location,
                found.reason,
                help="fix fields with `eq` first, then bound one field on one side or both",
                labels=(found.definition(project),),
            )
