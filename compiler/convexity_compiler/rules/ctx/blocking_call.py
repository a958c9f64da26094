"""CTX006."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.records import replace
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import append_argument, replace_text
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.kinds import TRANSACTIONS, helpers_on_the_way
from convexity_compiler.rules.usage.reach import reached
from convexity_compiler.rules.writing.names import ASYNCIO, Names, UnwritableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.rules.usage.outside import Effect, Leaf
    from convexity_compiler.rules.usage.reach import Reached

_EFFECTS: Final[frozenset[Effect]] = frozenset({"blocking"})


class BlockingCall(Rule):
    """A handler makes a call that holds up the event loop.

    ## What it does

    Finds calls that wait without `await`: `time.sleep`, `open`, `subprocess`, clients of HTTP and
    databases that are not asynchronous; in async handlers, in async helpers that take a context,
    and in the functions of the project that these call. Actions with `runtime="process"` may block,
    and so may functions that are handed to `asyncio.to_thread`. The network in queries and
    mutations is left to `network-in-transaction`.

    ## Why is this bad?

    All functions of a process share one event loop: while one of them blocks, none of the others
    runs, no request is answered and no subscription is updated.

    ## Example

    ```python
    import time

    from ._generated.server import ActionCtx, action


    @action(args={}, returns=v.null())
    async def wait(ctx: ActionCtx) -> None:
        time.sleep(1)
    ```

    ## Use instead

    ```python
    import asyncio

    from ._generated.server import ActionCtx, action


    @action(args={}, returns=v.null())
    async def wait(ctx: ActionCtx) -> None:
        await asyncio.sleep(1)
    ```

    ## Fix safety

    In an action the fix awaits `asyncio.sleep` in place of `time.sleep`, and runs the action in a
    process of its own for anything else. It is unsafe: in a process there is no state that an
    action could share with others.

    ## References

    - ruff, `ASYNC210` to `ASYNC251`.
    - [The language](../reference/language.md): `@action(runtime="process")` runs in a process of
      its own, for libraries that block or compute.
    """

    name = "blocking-call"
    code = "CTX006"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Follow the calls of every coroutine that has a context."""
        for use in functions(project):
            if not _holds_up_others(use):
                continue
            is_transaction = not use.kinds.isdisjoint(TRANSACTIONS)
            for found in reached(project, use, _EFFECTS, only_calls=True):
                if is_transaction and "network" in found.leaf.effects:
                    continue
                if any(_holds_up_others(step) for step in helpers_on_the_way(project, found)):
                    continue  # reported there
                yield self.finding(
                    project,
                    found.location(),
                    f"the event loop is held up by {found.named()}",
                    help=_way_out(found.leaf, is_transaction=is_transaction),
                    labels=found.labels(project),
                    fix=_fix(project, use, found),
                )


def _fix(project: LinkedProject, use: FunctionUse, found: Reached) -> Fix | None:
    """The way out of an action; others have none that edits could go."""
    if use.kinds != {"action"}:
        return None
    call = found.mention.call
    if found.mention.origin == "time.sleep" and len(found.steps) == 1 and call is not None:
        names = Names(project, use.module)
        try:
            sleep = names.name(ASYNCIO, "sleep")
        except UnwritableError:
            return None
        edit = replace_text(project, use.module, call.function.span, f"await {sleep}")
        title = "await `asyncio.sleep`"
        return Fix(title=title, applicability="unsafe", edits=(edit, *names.edits))
    registration = None if use.registered is None else use.registered.call
    if registration is None or registration.keyword("runtime") is not None:
        return None
    edit = append_argument(project, use.module, registration, 'runtime="process"')
    # All calls in the action want the same edit.
    edits = (replace(edit, shared=True),)
    return Fix(title="run it in a process of its own", applicability="unsafe", edits=edits)


def _holds_up_others(use: FunctionUse) -> bool:
    if not use.function.is_async or not use.kinds:
        return False
    return use.registered is None or use.registered.runtime != "process"


def _way_out(leaf: Leaf, *, is_transaction: bool) -> str:
    if is_transaction and "sleep" in leaf.effects:
        return "schedule what comes later with `ctx.scheduler.run_after`"
    if is_transaction:
        return "do it in an action: queries and mutations see their context only"
    return f'use {leaf.instead}, or register the action with `runtime="process"`'
