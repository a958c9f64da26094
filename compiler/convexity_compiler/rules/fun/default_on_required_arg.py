"""FUN008."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values import ObjectValidator

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.editing import insert_after, insert_before
from convexity_compiler.rules.writing.names import VALUES, imported_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import FieldSource, LinkedProject


class DefaultOnRequiredArg(Rule):
    """A required argument has a parameter with a default.

    ## What it does

    Finds parameters with a default whose argument is not declared `v.optional(...)`.

    ## Why is this bad?

    A call without the argument is refused before the handler runs, so that the default is never
    used, and a reader is told otherwise.

    ## Example

    ```python
    @query(args={"limit": v.number()}, returns=v.null())
    async def latest(ctx: QueryCtx, limit: float = 10) -> None: ...
    ```

    ## Use instead

    ```python
    @query(args={"limit": v.optional(v.number())}, returns=v.null())
    async def latest(ctx: QueryCtx, limit: float = 10) -> None: ...
    ```

    ## Fix safety

    The fix makes the argument optional. It is unsafe: perhaps the default should go instead.

    ## References

    - [The language, *Absent, null, default*](../reference/language.md#absent-null-default).
    """

    name = "default-on-required-arg"
    code = "FUN008"
    category = "suspicious"
    severity = "warning"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the defaults of parameters."""
        for function in project.functions:
            if function.args is None or not isinstance(function.args.validator, ObjectValidator):
                continue
            fields = function.args.validator.fields
            for linked in function.parameters:
                default = linked.parameter.default
                validator = fields.get(linked.wire_name)
                if default is None or validator is None or validator.is_optional:
                    continue
                source = function.args.field(linked.wire_name)
                yield self.finding(
                    project,
                    Location(function.module, default.span),
                    f"default of `{linked.parameter.name}` is never used, its argument is required",
                    help="declare the argument `v.optional(...)`, or remove the default",
                    labels=(label_at(project, source.key, "declared required here"),)
                    if source
                    else (),
                    fix=_fix(project, source),
                )


def _fix(project: LinkedProject, source: FieldSource | None) -> Fix | None:
    if source is None or source.value is None:
        return None
    module, span = source.value.module, source.value.span
    found = imported_name(project, module, VALUES, "v")
    if found is None:
        return None
    validators, imports = found
    return Fix(
        title="make the argument optional",
        applicability="unsafe",
        edits=(
            insert_before(project, module, span, f"{validators}.optional("),
            insert_after(project, module, span, ")"),
            *imports,
        ),
    )
