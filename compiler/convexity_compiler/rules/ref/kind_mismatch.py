"""REF004."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.capabilities import RUNS
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.targets import runs, target_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.targets import Run

_KINDS: Final = {
    "run_query": ("query",),
    "run_mutation": ("mutation",),
    "run_action": ("action",),
    "run_after": ("mutation", "action"),
    "run_at": ("mutation", "action"),
}
"""Kinds of functions that each method takes (language.md section 4)."""


class KindMismatch(Rule):
    """A function is run as another kind than it is.

    ## What it does

    Compares the kind of the function a reference names with the method it is given to: queries go
    to `run_query`, mutations to `run_mutation`, actions to `run_action`, and mutations and actions
    to the scheduler.

    ## Why is this bad?

    The call fails when it is made.

    ## Example

    ```python
    @internal_query(args={}, returns=v.number())
    async def count(ctx: QueryCtx) -> float:
        return 1


    @mutation(args={}, returns=v.number())
    async def report(ctx: MutationCtx) -> float:
        return await ctx.run_mutation(internal.messages.count)
    ```

    ## Use instead

    ```python
    @internal_query(args={}, returns=v.number())
    async def count(ctx: QueryCtx) -> float:
        return 1


    @mutation(args={}, returns=v.number())
    async def report(ctx: MutationCtx) -> float:
        return await ctx.run_query(internal.messages.count)
    ```

    ## Fix safety

    The fix writes the method for the kind of the function, where this context has it. It is safe:
    the call cannot work otherwise.

    ## References

    - Convex guidelines, *Function calling*: `ctx.runQuery` calls a query, `ctx.runMutation` a
      mutation and `ctx.runAction` an action.
    """

    name = "kind-mismatch"
    code = "REF004"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the targets of all runs."""
        for use in functions(project):
            for run in runs(use):
                found = target_of(project, use.scope.reference(run.target))
                accepted = _KINDS[run.site.method.name]
                if found is None or found.function.kind in accepted:
                    continue
                target = found.function
                method = f"run_{target.kind}"
                fits = _has(run, method)
                text = project.text_of(Location(use.module, run.target.span))
                yield self.finding(
                    project,
                    Location(use.module, run.target.span),
                    f"`{text}` is {_article(target.kind)},"
                    f" and `{run.site.method.name}` runs {' and '.join(map(_plural, accepted))}",
                    help=f"use `{method}`"
                    if fits
                    else f"only {' and '.join(map(_plural, accepted))} can be run here",
                    labels=found.label(project, target.location, "defined here"),
                    fix=_fix(project, run, use.module, method) if fits else None,
                )


def _has(run: Run, method: str) -> bool:
    """Whether the context of a run has the method."""
    kinds = run.site.owner.kinds
    return (
        run.site.owner.path in ((), ("options",))
        and bool(kinds)
        and all(method in RUNS[kind] for kind in kinds)
    )


def _fix(project: LinkedProject, run: Run, module: str, method: str) -> Fix:
    edit = replace_text(project, module, run.site.method.name_span, method)
    return Fix(title=f"use `{method}`", applicability="safe", edits=(edit,))


def _article(kind: str) -> str:
    return f"an {kind}" if kind == "action" else f"a {kind}"


def _plural(kind: str) -> str:
    return "queries" if kind == "query" else f"{kind}s"
