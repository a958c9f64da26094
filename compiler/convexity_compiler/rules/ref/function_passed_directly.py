"""REF003."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.targets import registered_function, runs, spelled
from convexity_compiler.rules.writing.references import reference_text
from convexity_compiler.summary.expressions import Constant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedFunction, LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.rules.usage.targets import Run


class FunctionPassedDirectly(Rule):
    """A registered function itself, or its path, is passed where a reference is due.

    ## What it does

    Looks at the target of `ctx.run_query`, `run_mutation`, `run_action`,
    `ctx.scheduler.run_after` and `run_at`: the name of a registered function, and strings such as
    `"messages:tidy"`.

    ## Why is this bad?

    Only `api` and `internal` make references; the object of Python and a string are none, and the
    call fails.

    ## Example

    ```python
    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None: ...


    @mutation(args={}, returns=v.null())
    async def clear(ctx: MutationCtx) -> None:
        await ctx.scheduler.run_after(0, tidy)
    ```

    ## Use instead

    ```python
    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None: ...


    @mutation(args={}, returns=v.null())
    async def clear(ctx: MutationCtx) -> None:
        await ctx.scheduler.run_after(0, internal.messages.tidy)
    ```

    ## Fix safety

    The fix writes the reference to the very function, and is safe. A string that names no function
    of the project has no fix.

    ## References

    - Convex guidelines, *Function calling*: "All of these calls take in a `FunctionReference`. Do
      NOT try to pass the callee function directly into one of these calls."
    """

    name = "function-passed-directly"
    code = "REF003"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the targets of all runs."""
        for use in functions(project):
            for run in runs(use):
                path = use.scope.constant(run.target)
                text = path.value if isinstance(path, Constant) else None
                if isinstance(text, str):
                    yield self._found(project, use, run, project.by_path.get(text), "a path")
                    continue
                target = registered_function(project, use, run.target)
                if target is not None:
                    yield self._found(project, use, run, target, "the function itself")

    def _found(
        self,
        project: LinkedProject,
        use: FunctionUse,
        run: Run,
        target: LinkedFunction | None,
        given: str,
    ) -> Diagnostic:
        fix = None
        if target is not None:
            written = reference_text(project, use.module, target)
            if written is not None:
                text, imports = written
                edit = replace_text(project, use.module, run.target.span, text)
                fix = Fix(title=f"use `{text}`", applicability="safe", edits=(edit, *imports))
        root, rest = spelled(target) if target is not None else ("api", ".module.function")
        return self.finding(
            project,
            Location(use.module, run.target.span),
            f"`{run.site.method.name}` takes a reference, not {given}",
            help=f"pass `{root}{rest}`",
            labels=(label_at(project, target.location, "the function"),) if target else (),
            fix=fix,
        )
