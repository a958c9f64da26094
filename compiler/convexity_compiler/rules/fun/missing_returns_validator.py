"""FUN002."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import append_argument
from convexity_compiler.rules.fun.registration_texts import returns_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class MissingReturnsValidator(Rule):
    """A function is registered without `returns`.

    ## What it does

    Finds queries, mutations and actions, public and internal, whose registration has no `returns`.

    ## Why is this bad?

    `returns` keeps a handler from leaking a field it did not mean to send, and gives its callers
    the type of the result. A function that returns nothing returns null, and says so.

    ## Example

    ```python
    @mutation(args={})
    async def reset(ctx: MutationCtx) -> None: ...
    ```

    ## Use instead

    ```python
    @mutation(args={}, returns=v.null())
    async def reset(ctx: MutationCtx) -> None: ...
    ```

    ## Fix safety

    The fix adds `returns=v.null()` where the handler is annotated `-> None`, or has no annotation
    and returns nothing, and is safe. Otherwise it writes the validator from the annotation, and is
    unsafe: what did not fit the annotation was let through before.

    ## References

    - Convex guidelines, *Function registration*: "If a function doesn't return anything, include
      `returns: v.null()` as its output validator". Newer guidelines no longer ask for it, so that
      the profile `recommended` warns only.
    """

    name = "missing-returns-validator"
    code = "FUN002"
    recommended_severity = "warning"
    fixable = True
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every registration that is a call."""
        for function in project.functions:
            if function.returns is not None or function.call is None:
                continue
            written = returns_text(project, function)
            fix = None
            remedy = "add `returns` with the validator of the result, `v.null()` for nothing"
            if written is not None:
                edit = append_argument(project, function.module, function.call, written.text)
                fix = Fix(
                    title=f"add `{written.text}`",
                    applicability=written.applicability,
                    edits=(edit, *written.edits),
                )
                remedy = f"add `{written.text}`"
                if written.applicability == "safe":
                    remedy += ": the function returns nothing"
            yield self.finding(
                project,
                function.location,
                f"`{function.definition.name}` is registered without `returns`",
                help=remedy,
                fix=fix,
            )
