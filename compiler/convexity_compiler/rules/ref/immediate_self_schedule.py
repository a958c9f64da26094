"""REF013."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.mentions import mentions
from convexity_compiler.rules.usage.reach import function_use
from convexity_compiler.rules.usage.targets import runs
from convexity_compiler.summary.expressions import Call, Constant, Name
from convexity_compiler.summary.statements import (
    Assign,
    Evaluate,
    FunctionDefinition,
    Raise,
    Return,
    Try,
    With,
)
from convexity_compiler.summary.walk import expressions, walk, walk_statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic, Label
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.rules.usage.targets import Run
    from convexity_compiler.summary.expressions import Expr
    from convexity_compiler.summary.statements import Statement


class ImmediateSelfSchedule(Rule):
    """A function schedules itself at once, whatever happens.

    ## What it does

    Finds `ctx.scheduler.run_after(0, ...)` with the function itself as its target, on the way that
    every call takes, in a helper too.

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
    category = "suspicious"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the functions that schedule themselves."""
        for use in functions(project):
            function = use.registered
            if function is None:
                continue
            for place, run in _certain_runs(project, use, set()):
                reference = run.use.scope.reference(run.target)
                if reference is None or project.function(reference) is not function:
                    continue
                labels: tuple[Label, ...] = ()
                if run.use is not use:
                    location = Location(run.use.module, run.call.span)
                    labels = (label_at(project, location, f"schedules `{function.name}`"),)
                yield self.finding(
                    project,
                    Location(use.module, place.span),
                    f"`{function.name}` schedules itself in every call",
                    help="schedule it while there is something left to do, or later",
                    labels=labels,
                )


class _Run(NamedTuple):
    """A call that schedules something at once."""

    use: FunctionUse
    call: Call
    target: Expr


def _certain_runs(
    project: LinkedProject, use: FunctionUse, seen: set[int]
) -> Iterator[tuple[Call, _Run]]:
    """Yield what every call of a function schedules at once, and the place in it."""
    seen.add(id(use))
    scheduled = [run for run in runs(use) if _is_at_once(run)]
    calls = mentions(project, use).calls
    if not scheduled and not calls:
        return
    certain = _certain(use.function.statements)
    for run in scheduled:
        if id(run.site.written) in certain:
            yield run.site.call, _Run(use, run.site.call, run.target)
    for call in calls:
        if call.call is None or id(call.call) not in certain:
            continue
        inner = function_use(project, call.module, call.name)
        if inner is not None and inner.registered is None and id(inner) not in seen:
            for _, found in _certain_runs(project, inner, seen):
                yield call.call, found


def _is_at_once(run: Run) -> bool:
    delay = run.site.call.arguments[0]
    is_nothing = isinstance(delay, Constant) and delay.value == 0
    return is_nothing and run.site.method.name == "run_after"


def _certain(statements: tuple[Statement, ...]) -> set[int]:
    """The expressions that every call evaluates: up to the first way out of the function."""
    inner = {
        entry.function.name: entry.function.statements
        for entry in statements
        if isinstance(entry, FunctionDefinition)
    }
    found: set[int] = set()
    for statement in _straight(statements):
        for node in (node for entry in expressions(statement) for node in walk(entry)):
            found.add(id(node))
            if isinstance(node, Call) and isinstance(node.function, Name):
                found |= _certain(inner.pop(node.function.id, ()))
    return found


def _straight(statements: tuple[Statement, ...]) -> Iterator[Statement]:
    """Yield the statements that every call runs."""
    for statement in statements:
        if isinstance(statement, Assign | Evaluate | Return):
            yield statement
        elif isinstance(statement, With) or (isinstance(statement, Try) and not statement.handlers):
            yield from _straight(statement.body)
        if any(isinstance(inner, Return | Raise) for inner in walk_statements([statement])):
            break
        if isinstance(statement, Try):
            yield from _straight(statement.final)
