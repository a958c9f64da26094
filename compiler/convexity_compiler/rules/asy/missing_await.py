"""ASY001."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import insert_after, insert_before
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.values import TERMINALS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.rules.usage.places import Place

_COROUTINES: Final = {
    (): frozenset({"run_query", "run_mutation", "run_action", "vector_search"}),
    ("options",): frozenset({"run_query", "run_mutation", "run_action"}),
    ("auth",): frozenset({"get_user_identity"}),
    ("db",): frozenset({"get", "get_many", "insert", "patch", "replace", "delete"}),
    ("db", "system"): frozenset({"get"}),
    ("meta",): frozenset(
        {"get_transaction_metrics", "get_function_metadata", "get_request_metadata"}
    ),
    ("scheduler",): frozenset({"run_after", "run_at", "cancel"}),
    ("storage",): frozenset({"get_url", "generate_upload_url", "delete", "store", "get"}),
}
"""Methods that are awaited, by the path to their owner (language.md section 4)."""
_USES: Final = frozenset({"receiver", "statement", "subscripted", "tested", "iterated"})
"""What can be done with a result and not with a coroutine."""


class MissingAwait(Rule):
    """A call that must be awaited is not.

    ## What it does

    Finds calls on the context, the database, the storage and the scheduler, and the last step of
    queries, whose coroutine is dropped, tested, looped over, taken apart or returned by a handler
    instead of awaited.

    ## Why is this bad?

    A coroutine that nobody awaits never runs: nothing is written, nothing is scheduled.

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
            for place, method in _coroutines(use):
                is_result = (
                    place.role == "returned" and use.registered is not None and not place.is_nested
                )
                if place.role in _USES or is_result:
                    yield self.finding(
                        project,
                        Location(use.module, place.node.span),
                        f"`{method}(...)` is not awaited, and so never runs",
                        help="write `await` before it"
                        if place.is_async
                        else "make the function `async def`, and await it",
                        fix=_fix(project, use.module, place) if place.is_async else None,
                    )


def _coroutines(use: FunctionUse) -> Iterator[tuple[Place, str]]:
    for site in use.context_calls:
        if site.method.name in _COROUTINES.get(site.owner.path, ()):
            yield site.place, site.method.name
    for step in use.query_calls:
        if step.method.name in TERMINALS:
            yield step.place, step.method.name


def _fix(project: LinkedProject, module: str, place: Place) -> Fix:
    edits = [insert_before(project, module, place.node.span, "await ")]
    if place.role in ("receiver", "subscripted"):
        edits = [
            insert_before(project, module, place.node.span, "(await "),
            insert_after(project, module, place.node.span, ")"),
        ]
    return Fix(title="await it", applicability="safe", edits=tuple(edits))
