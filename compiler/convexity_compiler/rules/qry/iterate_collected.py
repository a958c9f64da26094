"""QRY011."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.loops import async_keyword
from convexity_compiler.rules.usage.values import Query
from convexity_compiler.span import Span
from convexity_compiler.summary.expressions import Attribute, Await, Call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.places import Place


class IterateCollected(Rule):
    """A loop collects all documents of a query before it looks at the first.

    ## What it does

    Finds `for ... in await query.collect()`, in statements and comprehensions.

    ## Why is this bad?

    All documents are read and held at once, and those behind a `break` for nothing. `async for`
    reads in batches.

    ## Example

    ```python
    @internal_mutation(args={}, returns=v.null())
    async def clear(ctx: MutationCtx) -> None:
        for message in await ctx.db.query("messages").with_index("by_time").gt("at", 3).collect():
            await ctx.db.delete(message["_id"])
    ```

    ## Use instead

    ```python
    @internal_mutation(args={}, returns=v.null())
    async def clear(ctx: MutationCtx) -> None:
        async for message in ctx.db.query("messages").with_index("by_time").gt("at", 3):
            await ctx.db.delete(message["_id"])
    ```

    ## Fix safety

    The fix writes `async for`. It is unsafe: a loop that writes to the table then sees its own
    writes.

    ## References

    - Convex guidelines, *Query guidelines*: "When using async iteration, don't use `.collect()`".
    """

    name = "iterate-collected"
    code = "QRY011"
    category = "performance"
    severity = "warning"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at what loops iterate over."""
        for use in functions(project):
            for place in use.places:
                awaited = place.node
                if place.role != "iterated" or not isinstance(awaited, Await):
                    continue
                call = awaited.value
                if (
                    isinstance(call, Call)
                    and isinstance(call.function, Attribute)
                    and call.function.name == "collect"
                    and isinstance(use.scope.value(call.function.value), Query)
                ):
                    yield self.finding(
                        project,
                        Location(use.module, awaited.span),
                        "the loop collects all documents before it begins",
                        help="iterate over the query itself, with `async for`",
                        fix=_fix(project, use.module, place, awaited, call.function.value.span),
                    )


def _fix(
    project: LinkedProject, module: str, place: Place, awaited: Await, query: Span
) -> Fix | None:
    keyword = async_keyword(project, module, place)
    if keyword is None:
        return None
    text = project.text_of(Location(module, query))
    source = project.text_of(Location(module, awaited.span))
    if f"{text}.collect()" not in source:
        return None  # parentheses or comments stand between
    edit = replace_text(project, module, awaited.span, source.replace("await ", "", 1))
    edit = replace_text(project, module, awaited.span, edit.text.replace(f"{text}.collect()", text))
    return Fix(title="use `async for`", applicability="unsafe", edits=(keyword, edit))
