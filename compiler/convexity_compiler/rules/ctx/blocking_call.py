"""CTX006."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.kinds import TRANSACTIONS, helpers_on_the_way
from convexity_compiler.rules.usage.reach import reached

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.rules.usage.outside import Effect, Leaf

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

    ## References

    - ruff, `ASYNC210` to `ASYNC251`.
    - [The language](../reference/language.md): `@action(runtime="process")` runs in a process of
      its own, for libraries that block or compute.
    """

    name = "blocking-call"
    code = "CTX006"

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
                )


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
