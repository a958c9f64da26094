"""QRY005."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.index_ranges import range_faults
from convexity_compiler.rules.usage.tables import listed
from convexity_compiler.rules.usage.values import literal_text
from convexity_compiler.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.index_ranges import RangeFault
    from convexity_compiler.summary.expressions import Call


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

    ## Fix safety

    Where a range has equalities on the first fields of the index in another order, the fix puts
    them in order. It is unsafe: the values are then worked out in another order, and another index
    may be meant.

    ## References

    - Convex guidelines, *Schema guidelines*: "Index fields must be queried in the same order they
      are defined."
    """

    name = "index-fields-out-of-order"
    code = "QRY005"
    fixable = True

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
                fix=_fix(project, found),
            )


def _fix(project: LinkedProject, fault: RangeFault) -> Fix | None:
    """Return the fix that gives each equality the place of its field."""
    by_field = {literal_text(call, 0): call for call in fault.equalities}
    fields = fault.fields[: len(fault.equalities)]
    if not fields or set(by_field) != set(fields):
        return None
    edits = []
    for place, field in zip(fault.equalities, fields, strict=True):
        span, source = _arguments(place), _arguments(by_field[field])
        text = project.text_of(Location(fault.module, source))
        if span != source:
            edits.append(replace_text(project, fault.module, span, text))
    return Fix(
        title=f"put {listed(fields)} in this order", applicability="unsafe", edits=tuple(edits)
    )


def _arguments(call: Call) -> Span:
    return call.arguments[0].span.through(call.arguments[-1].span)
