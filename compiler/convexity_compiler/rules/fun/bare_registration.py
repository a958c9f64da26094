"""FUN003."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.link.types import Primitive
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import insert_after, validators_name

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

    The fix writes the validators where the handler takes nothing but its context and is annotated
    `-> None`, and is safe.

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
                    Location(module=function.module, span=function.registration.span),
                    f"`@{function.registrar}` registers `{function.definition.name}`"
                    " without validators",
                    help=f"write `@{function.registrar}(args=..., returns=...)`",
                    fix=_fix(project, function),
                )


def _fix(project: LinkedProject, function: LinkedFunction) -> Fix | None:
    validators = validators_name(project, function.module)
    returns_nothing = function.return_annotation.type == Primitive("None")
    if not (validators and returns_nothing and function.context) or function.parameters:
        return None
    text = f"(args={{}}, returns={validators}.null())"
    edit = insert_after(project, function.module, function.registration.span, text)
    return Fix(title=f"write `{text}`", applicability="safe", edits=(edit,))
