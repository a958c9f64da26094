"""ASY004."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import insert_before
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.kinds import is_always
from convexity_compiler.summary.expressions import Call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.places import Place
    from convexity_compiler.rules.usage.values import ContextKind

_ACTIONS: Final[frozenset[ContextKind]] = frozenset({"action"})
_STARTERS: Final = frozenset({"asyncio.create_task", "asyncio.ensure_future"})


class FireAndForgetTask(Rule):
    """A task is started, and nothing waits for it.

    ## What it does

    Finds `asyncio.create_task(...)` and `ensure_future(...)` whose result is dropped, in actions,
    HTTP actions and helpers that take their context.

    ## Why is this bad?

    When the function ends, the task is cancelled, whether or not it is done.

    ## Example

    ```python
    import asyncio

    from ._generated.server import ActionCtx, action


    async def work() -> None: ...


    @action(args={}, returns=v.null())
    async def start(ctx: ActionCtx) -> None:
        asyncio.create_task(work())
    ```

    ## Use instead

    ```python
    import asyncio

    from ._generated.server import ActionCtx, action


    async def work() -> None: ...


    @action(args={}, returns=v.null())
    async def start(ctx: ActionCtx) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(work())
    ```

    ## Fix safety

    The fix awaits the task, and is unsafe: the function then waits for it.

    ## References

    - [The language, *Concurrency*](../reference/language.md#concurrency).
    """

    name = "fire-and-forget-task"
    code = "ASY004"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the tasks that are started."""
        for use in functions(project):
            if not is_always(use, _ACTIONS):
                continue
            for place in use.calls:
                call = place.node
                if (
                    isinstance(call, Call)
                    and place.role == "statement"
                    and use.scope.qualified_name(call.function) in _STARTERS
                ):
                    yield self.finding(
                        project,
                        Location(use.module, call.span),
                        "the task is cancelled when the function ends",
                        help="await it, in a `TaskGroup` for instance, or schedule a function",
                        fix=_fix(project, use.module, place),
                    )


def _fix(project: LinkedProject, module: str, place: Place) -> Fix | None:
    if not place.is_async:
        return None
    edit = insert_before(project, module, place.node.span, "await ")
    return Fix(title="await it", applicability="unsafe", edits=(edit,))
