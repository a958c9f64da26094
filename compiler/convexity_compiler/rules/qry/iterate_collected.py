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

    Finds `for ... in await query.collect()`, in statements and comprehensions, and
    `async for ... in query.collect()`, which fails.

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

    The fix removes `.collect()` from an `async for`, and is safe. It makes another loop an `async
    for`, and is unsafe then: a loop that writes to the table then sees its own writes.

    ## References

    - Convex guidelines, *Query guidelines*: "When using async iteration, don't use `.collect()`".
    """

    name = "iterate-collected"
    code = "QRY011"
    words = frozenset({"collect"})
    category = "performance"
    severity = "warning"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at what loops iterate over."""
        for use in functions(project):
            for place in use.places:
                if place.role not in ("iterated", "async_iterated"):
                    continue
                is_async = place.role == "async_iterated"
                awaited = place.node
                call = awaited.value if isinstance(awaited, Await) else awaited
                if (
                    isinstance(call, Call)
                    and isinstance(call.function, Attribute)
                    and call.function.name == "collect"
                    and (is_async or call is not awaited)
                    and isinstance(use.scope.value(call.function.value), Query)
                ):
                    yield self.finding(
                        project,
                        Location(use.module, awaited.span),
                        "`async for` takes the query itself, not its documents"
                        if is_async
                        else "the loop collects all documents before it begins",
                        help="leave out `.collect()`"
                        if is_async
                        else "iterate over the query itself, with `async for`",
                        fix=_fix(project, use.module, place, call, call.function.value.span),
                    )


def _fix(project: LinkedProject, module: str, place: Place, call: Call, query: Span) -> Fix | None:
    before = Span(*place.node.span[:2], *call.span[:2])
    behind = Span(*query[2:], *call.span[2:])
    texts = [project.text_of(Location(module, span)) for span in (before, behind)]
    if texts[0].strip() not in ("", "await") or "".join(texts[1].split()) != ".collect()":
        return None  # parentheses or comments stand between
    edits = [
        replace_text(project, module, span, "") for span in (before, behind) if span[:2] != span[2:]
    ]
    if place.role == "async_iterated":
        # The loop fails as it is.
        return Fix(title="leave out `.collect()`", applicability="safe", edits=tuple(edits))
    keyword = async_keyword(project, module, place)
    if keyword is None:
        return None
    return Fix(title="use `async for`", applicability="unsafe", edits=(keyword, *edits))
