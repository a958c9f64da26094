"""ASY001."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import insert_after, insert_before
from convexity_compiler.rules.usage.coroutines import never_awaited
from convexity_compiler.rules.usage.functions import functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.places import Place


class MissingAwait(Rule):
    """A call that must be awaited is not.

    ## What it does

    Finds calls on the context, the database, the storage and the scheduler, the last step of
    queries, and calls of the project's own `async def` functions, whose coroutine is dropped,
    tested, looped over, taken apart or returned by a handler instead of awaited: at once, or
    through a variable that is assigned once. What is passed on, kept in a list or returned by a
    helper may be awaited elsewhere, and is left alone.

    ## Why is this bad?

    A coroutine that nobody awaits never runs: nothing is written, nothing is scheduled, and a
    guard like `require_admin(ctx)` lets everyone pass.

    ## Example

    ```python
    @mutation(args={"id": v.id("messages")}, returns=v.null())
    async def remove(ctx: MutationCtx, id: Id[Messages]) -> None:
        ctx.db.delete(id)
    ```

    ## Use instead

    ```python
    @mutation(args={"id": v.id("messages")}, returns=v.null())
    async def remove(ctx: MutationCtx, id: Id[Messages]) -> None:
        await ctx.db.delete(id)
    ```

    ## Fix safety

    The fix writes `await`, and is safe.

    ## References

    - Convex best practices, *Await all promises*.
    - [The language, *Contexts*](../reference/language.md#contexts):
      everything that touches the engine is awaited.
    """

    name = "missing-await"
    code = "ASY001"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the calls that give a coroutine."""
        for use in functions(project):
            for place, _, name in never_awaited(project, use):
                yield self.finding(
                    project,
                    Location(use.module, place.node.span),
                    f"`{name}(...)` is not awaited, and so never runs",
                    help="write `await` before it"
                    if place.is_async
                    else "make the function `async def`, and await it",
                    fix=_fix(project, use.module, place) if place.is_async else None,
                )


def _fix(project: LinkedProject, module: str, place: Place) -> Fix:
    edits = [insert_before(project, module, place.node.span, "await ")]
    if place.role in ("receiver", "subscripted"):
        edits = [
            insert_before(project, module, place.node.span, "(await "),
            insert_after(project, module, place.node.span, ")"),
        ]
    return Fix(title="await it", applicability="safe", edits=tuple(edits))
