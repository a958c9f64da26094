"""VAL003."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.summary.expressions import Attribute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class DeprecatedBigint(Rule):
    """`v.bigint()` is an old name of `v.int64()`.

    ## What it does

    Finds calls of `v.bigint`.

    ## Why is this bad?

    The name is deprecated. It is the same validator, and the new name says what it holds.

    ## Example

    ```python
    @query(args={"views": v.bigint()}, returns=v.null())
    async def popular(ctx: QueryCtx, views: Int64) -> None: ...
    ```

    ## Use instead

    ```python
    @query(args={"views": v.int64()}, returns=v.null())
    async def popular(ctx: QueryCtx, views: Int64) -> None: ...
    ```

    ## Fix safety

    The fix renames the call, and is safe.

    ## References

    - Convex guidelines, *Validator guidelines*: "Use `v.int64()` instead".
    """

    name = "deprecated-bigint"
    code = "VAL003"
    category = "style"
    severity = "warning"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every use of ``v.bigint``."""
        for use in project.validator_uses:
            if use.name != "bigint":
                continue
            fix = None
            if use.call is not None and isinstance(use.call.function, Attribute):
                span = use.call.function.name_span
                edit = replace_text(project, use.location.module, span, "int64")
                fix = Fix(title="use `int64`", applicability="safe", edits=(edit,))
            yield self.finding(
                project,
                use.location,
                "`v.bigint()` is deprecated",
                help="use `v.int64()`, which is the same",
                fix=fix,
            )
