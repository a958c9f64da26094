"""FUN001."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import prepend_argument
from convexity_compiler.rules.fun.registration_texts import args_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class MissingArgsValidator(Rule):
    """A function is registered without `args`.

    ## What it does

    Finds queries, mutations and actions, public and internal, whose registration has no `args`.

    ## Why is this bad?

    The validators of `args` are all that stands between a function and what a client chooses to
    send. Without them the handler meets values of any shape, and no reference can be typed.

    ## Example

    ```python
    @query(returns=v.null())
    async def ping(ctx: QueryCtx) -> None: ...
    ```

    ## Use instead

    ```python
    @query(args={}, returns=v.null())
    async def ping(ctx: QueryCtx) -> None: ...
    ```

    ## Fix safety

    The fix adds `args={}` where the handler takes nothing but its context, and is safe. Otherwise
    it writes the validators from the annotations of the parameters, and is unsafe: what did not
    fit an annotation was let through before.

    ## References

    - Convex guidelines, *Function registration*: "ALWAYS include argument and return validators".
    """

    name = "missing-args-validator"
    code = "FUN001"
    category = "security"
    fixable = True
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every registration that is a call."""
        for function in project.functions:
            if function.args is not None or function.call is None:
                continue
            written = args_text(project, function)
            fix = None
            remedy = "add `args` with a validator for each parameter"
            if written is not None:
                edit = prepend_argument(project, function.module, function.call, written.text)
                fix = Fix(
                    title=f"add `{written.text}`",
                    applicability=written.applicability,
                    edits=(edit, *written.edits),
                )
                remedy = f"add `{written.text}`"
                if not function.parameters:
                    remedy += ": the function takes no arguments"
            yield self.finding(
                project,
                function.location,
                f"`{function.definition.name}` is registered without `args`",
                help=remedy,
                fix=fix,
            )
