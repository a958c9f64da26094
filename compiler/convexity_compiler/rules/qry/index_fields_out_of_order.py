"""QRY005."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.index_ranges import range_faults
from convexity_compiler.rules.usage.tables import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class IndexFieldsOutOfOrder(Rule):
    """A range skips fields of its index, or takes them in another order.

    ## What it does

    Follows `eq`, `gt`, `gte`, `lt` and `lte` behind `with_index` and compares their fields with the
    order in which the index has them.

    ## Why is this bad?

    An index is sorted by its first field, then by its second: a range can only fix its fields from
    the first one on. Anything else is refused when the query runs.

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
        return await messages.eq("author", "Ann").take(10)
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
        return await messages.eq("channel", "general").eq("author", "Ann").take(10)
    ```

    ## References

    - Convex guidelines, *Schema guidelines*: "Index fields must be queried in the same order they
      are defined."
    """

    name = "index-fields-out-of-order"
    code = "QRY005"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every range on an index."""
        for found in range_faults(project, "order"):
            yield self.finding(
                project,
                found.location,
                f"`{found.field}` comes too early or too late in the range"
                if found.expected is None
                else f"the range needs `{found.expected}` before it may use `{found.field}`",
                label=f"`{found.expected}` comes here" if found.expected else "",
                help=f"the index has its fields in this order: {listed(found.fields)}",
                labels=(found.definition(project),),
            )
