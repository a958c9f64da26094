"""QRY006."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.index_ranges import range_faults
from convexity_compiler.rules.usage.tables import listed, nearest_name, rename_fix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class FieldNotInIndex(Rule):
    """A range names a field that its index does not have.

    ## What it does

    Compares the fields of `eq`, `gt`, `gte`, `lt` and `lte` behind `with_index` with those of the
    index. Every index ends with `_creationTime`.

    ## Why is this bad?

    The range is refused when the query runs.

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
        return await messages.eq("chanel", "general").take(10)
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
        return await messages.eq("channel", "general").take(10)
    ```

    ## Fix safety

    The fix writes the nearest field. It is unsafe: another field may be meant.

    ## References

    - Convex guidelines, *Query guidelines*: "define an index in the schema and use `withIndex`
      instead".
    """

    name = "field-not-in-index"
    code = "QRY006"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every range on an index."""
        for found in range_faults(project, "unknown_field"):
            nearest = nearest_name(found.field, found.fields)
            yield self.finding(
                project,
                found.location,
                f"the index has no field `{found.field}`",
                label=f"did you mean `{nearest}`?" if nearest else "",
                help=f"its fields are {listed(found.fields)}",
                labels=(found.definition(project),),
                fix=rename_fix(project, found.module, found.call.arguments[0], nearest),
            )
