"""FUN003."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import insert_after
from convexity_compiler.rules.fun.registration_texts import args_text, returns_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedFunction, LinkedProject


class BareRegistration(Rule):
    """A registrar decorates a function without being called.

    ## What it does

    Finds `@query`, `@mutation`, `@action` and their internal forms without parentheses.

    ## Why is this bad?

    The bare form carries no validators. It is the counterpart of the old function syntax, which
    the guidelines replaced.

    ## Example

    ```python
    @query
    async def ping(ctx: QueryCtx) -> None: ...
    ```

    ## Use instead

    ```python
    @query(args={}, returns=v.null())
    async def ping(ctx: QueryCtx) -> None: ...
    ```

    ## Fix safety

    The fix writes the validators from the annotations. It is safe where the handler takes nothing
    but its context and returns nothing; otherwise it is unsafe: what did not fit an annotation was
    let through before.

    ## References

    - Convex guidelines, *New function syntax*.
    """

    name = "bare-registration"
    code = "FUN003"
    fixable = True
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every registration that is no call."""
        for function in project.functions:
            if function.call is None:
                yield self.finding(
                    project,
                    Location(function.module, function.registration.span),
                    f"`@{function.registrar}` registers `{function.definition.name}`"
                    " without validators",
                    help=f"write `@{function.registrar}(args=..., returns=...)`",
                    fix=_fix(project, function),
                )


def _fix(project: LinkedProject, function: LinkedFunction) -> Fix | None:
    args, returns = args_text(project, function), returns_text(project, function)
    if args is None or returns is None:
        return None
    text = f"({args.text}, {returns.text})"
    edit = insert_after(project, function.module, function.registration.span, text)
    imports = dict.fromkeys((*args.edits, *returns.edits))
    return Fix(
        title=f"write `{text}`",
        applicability="unsafe"
        if "unsafe" in (args.applicability, returns.applicability)
        else "safe",
        edits=(edit, *imports),
    )
