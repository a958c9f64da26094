"""VAL007."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.val.refused import refused
from convexity_compiler.summary.expressions import Attribute, Constant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject, Unresolved
    from convexity_compiler.summary.expressions import Call


class InvalidLiteral(Rule):
    """A literal is no value that can be compared exactly.

    ## What it does

    Finds `v.literal(None)`, infinite numbers and NaN, and lists and dicts in `v.literal(...)`.

    ## Why is this bad?

    None is `v.null()`; the others equal nothing, or are no literals. The validator is refused.

    ## Example

    ```python
    @query(args={"value": v.union(v.string(), v.literal(None))}, returns=v.null())
    async def take(ctx: QueryCtx, value: Any) -> None: ...
    ```

    ## Use instead

    ```python
    @query(args={"value": v.union(v.string(), v.null())}, returns=v.null())
    async def take(ctx: QueryCtx, value: Any) -> None: ...
    ```

    ## Fix safety

    The fix writes `v.null()` for `v.literal(None)`, and is safe.

    ## References

    - `values/validators.ts` of convex-js, and `UnsupportedFloatLiteral` in get-convex/convex-
      backend.
    """

    name = "invalid-literal"
    code = "VAL007"
    fixable = True
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the literals that were refused."""
        literals = {
            use.location: use.call for use in project.validator_uses if use.name == "literal"
        }
        for failure in refused(project, "literal"):
            source = " ".join(failure.source.split())
            call = literals.get(failure.location)
            is_none = call is not None and any(
                isinstance(argument, Constant) and argument.value is None
                for argument in call.arguments
            )
            yield self.finding(
                project,
                failure.location,
                f"`{source}` is no literal",
                label=failure.reason.removeprefix("v.literal() "),
                help="write `v.null()`"
                if is_none
                else "write a string, a finite number or a boolean",
                fix=_fix(project, failure, call) if is_none and call is not None else None,
            )


def _fix(project: LinkedProject, failure: Unresolved, call: Call) -> Fix | None:
    if len(call.arguments) != 1 or not isinstance(call.function, Attribute):
        return None
    span = call.function.name_span.through(call.span)
    edit = replace_text(project, failure.location.module, span, "null()")
    return Fix(title="use `v.null()`", applicability="safe", edits=(edit,))
