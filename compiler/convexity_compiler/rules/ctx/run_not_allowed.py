"""CTX004."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import insert_before, replace_text
from convexity_compiler.rules.usage.capabilities import RUNS, is_only
from convexity_compiler.rules.usage.functions import functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import ContextCall
    from convexity_compiler.rules.usage.values import ContextKind
    from convexity_compiler.summary.expressions import Call


class RunNotAllowed(Rule):
    """A function runs a kind of function that it may not run.

    ## What it does

    Finds `run_mutation` and `run_action` in queries, and `run_action` in mutations.

    ## Why is this bad?

    Queries change nothing, and a transaction cannot wait for an action. The call fails.

    ## Example

    ```python
    @mutation(args={}, returns=v.null())
    async def reply(ctx: MutationCtx) -> None:
        await ctx.run_action(internal.replies.generate)
    ```

    ## Use instead

    ```python
    @mutation(args={}, returns=v.null())
    async def reply(ctx: MutationCtx) -> None:
        await ctx.scheduler.run_after(0, internal.replies.generate)
    ```

    ## Fix safety

    Where a mutation runs an action and does not use its result, the fix schedules the action. It is
    unsafe: the action then runs after the mutation has committed.

    ## References

    - Convex guidelines, *Function calling*: `ctx.runMutation` calls a mutation from a mutation or
      action, `ctx.runAction` an action from an action.
    """

    name = "run-not-allowed"
    code = "CTX004"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the calls on contexts."""
        for use in functions(project):
            for site in use.context_calls:
                if (
                    site.owner.path in ((), ("options",))
                    and site.method.name in RUNS["action"]
                    and site.owner.kinds
                    and not any(site.method.name in RUNS[kind] for kind in site.owner.kinds)
                ):
                    yield self.finding(
                        project,
                        Location(use.module, site.method.span),
                        f"`{site.method.name}` does not exist in {_listed(site.owner.kinds)}",
                        help="schedule the action with `ctx.scheduler.run_after(0, ...)`"
                        if "mutation" in site.owner.kinds
                        else "queries run queries only; do it in a mutation or an action",
                        fix=_fix(project, use.module, site),
                    )


def _listed(kinds: frozenset[ContextKind]) -> str:
    return " or ".join("queries" if kind == "query" else f"{kind}s" for kind in sorted(kinds))


def _fix(project: LinkedProject, module: str, site: ContextCall) -> Fix | None:
    is_dropped = site.place.role == "awaited" and _is_statement(project, module, site.call)
    if not (is_dropped and site.method.name == "run_action" and is_only(site.owner, "mutation")):
        return None
    if site.owner.path or not site.call.arguments:
        return None
    return Fix(
        title="schedule the action",
        applicability="unsafe",
        edits=(
            replace_text(project, module, site.method.name_span, "scheduler.run_after"),
            insert_before(project, module, site.call.arguments[0].span, "0, "),
        ),
    )


def _is_statement(project: LinkedProject, module: str, call: Call) -> bool:
    """Whether ``await call`` has lines of its own."""
    line, column, end_line, end_column = call.span
    lines = project.modules[module].lines
    before, after = lines[line - 1][: column - 1], lines[end_line - 1][end_column - 1 :]
    return before.strip() == "await" and not after.partition("#")[0].strip()
