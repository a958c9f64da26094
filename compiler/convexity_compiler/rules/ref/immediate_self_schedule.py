"""REF013."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.targets import runs
from convexity_compiler.summary.expressions import Constant
from convexity_compiler.summary.statements import Assign, Evaluate, Raise, Return, Statement
from convexity_compiler.summary.walk import expressions, walk, walk_statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class ImmediateSelfSchedule(Rule):
    """A function schedules itself at once, whatever happens.

    ## What it does

    Finds `ctx.scheduler.run_after(0, ...)` with the function itself as its target, on the way that
    every call takes.

    ## Why is this bad?

    It runs for ever.

    ## Example

    ```python
    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None:
        await ctx.scheduler.run_after(0, internal.messages.tidy)
    ```

    ## Use instead

    ```python
    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None:
        rows = await ctx.db.query("messages").take(100)
        for row in rows:
            await ctx.db.delete(row["_id"])
        if len(rows) == 100:
            await ctx.scheduler.run_after(0, internal.messages.tidy)
    ```

    ## References

    - Convex, *Scheduled functions*: a function that schedules itself needs an end.
    """

    name = "immediate-self-schedule"
    code = "REF013"
    words = frozenset({"run_after"})
    category = "suspicious"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the functions that schedule themselves."""
        for use in functions(project):
            function = use.registered
            scheduled = [run for run in runs(use) if run.site.method.name == "run_after"]
            if function is None or not scheduled:
                continue
            certain = _certain(use.function.statements)
            for run in scheduled:
                delay = run.site.call.arguments[0]
                if id(run.site.call) not in certain:
                    continue
                reference = use.scope.reference(run.target)
                if reference is None or project.function(reference) is not function:
                    continue
                if isinstance(delay, Constant) and delay.value == 0:
                    yield self.finding(
                        project,
                        Location(use.module, run.site.call.span),
                        f"`{function.name}` schedules itself in every call",
                        help="schedule it while there is something left to do, or later",
                    )


def _certain(statements: tuple[Statement, ...]) -> set[int]:
    """The expressions that every call evaluates: up to the first way out of the function."""
    found: set[int] = set()
    for statement in statements:
        if isinstance(statement, Assign | Evaluate | Return):
            for expression in expressions(statement):
                found |= {id(node) for node in walk(expression)}
        if any(isinstance(inner, Return | Raise) for inner in walk_statements([statement])):
            break
    return found
