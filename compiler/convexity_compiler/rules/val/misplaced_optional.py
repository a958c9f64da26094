"""VAL005."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.summary.expressions import Attribute, Call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject, ValidatorUse


_PLACES = {
    "array": "an element of an array",
    "record_key": "the key of a record",
    "record_value": "the value of a record",
    "union": "a member of a union",
    "optional": "the inside of an optional",
    "returns": "a result",
    "table": "a document",
}
_NULLABLE = frozenset({"array", "record_value", "union", "returns"})
"""Places where null is as good as absent."""
_HELP = "use `v.nullable(...)` for a value that may be null, or an optional field"


class MisplacedOptional(Rule):
    """`v.optional` stands where nothing can be absent.

    ## What it does

    Finds `v.optional(...)` anywhere but as a field of an object, a table or `args`.

    ## Why is this bad?

    Only a field can be absent. An element, a result or a member of a union is there, and at most
    null.

    ## Example

    ```python
    @query(args={"names": v.array(v.optional(v.string()))}, returns=v.null())
    async def greet(ctx: QueryCtx, names: list[str | None]) -> None: ...
    ```

    ## Use instead

    ```python
    @query(args={"names": v.array(v.nullable(v.string()))}, returns=v.null())
    async def greet(ctx: QueryCtx, names: list[str | None]) -> None: ...
    ```

    ## Fix safety

    The fix makes the value nullable. It is unsafe: what was left out must be sent as null.

    ## References

    - `crates/common/src/schemas` of get-convex/convex-backend;
      [the language, *Absent, null, default*](../reference/language.md#absent-null-default).
    """

    name = "misplaced-optional"
    code = "VAL005"
    fixable = True
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every use of ``v.optional``."""
        for use in misplaced_optionals(project):
            yield self.finding(
                project,
                use.location,
                f"{_PLACES[use.parent or '']} cannot be optional",
                help=_HELP,
                fix=_fix(project, use),
            )
        yield from self._results_by_name(project)

    def _results_by_name(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look for results whose optional validator is made elsewhere."""
        for function in project.functions:
            returns = function.returns
            if (
                returns is not None
                and returns.validator is not None
                and returns.validator.is_optional
                and not isinstance(returns.expression, Call)
            ):
                message = f"{_PLACES['returns']} cannot be optional"
                yield self.finding(project, returns.location, message, help=_HELP)


def misplaced_optionals(project: LinkedProject) -> list[ValidatorUse]:
    """Return the optionals where nothing can be absent."""
    return [
        use for use in project.validator_uses if use.name == "optional" and use.parent in _PLACES
    ]


def _fix(project: LinkedProject, use: ValidatorUse) -> Fix | None:
    call = use.call
    if use.parent not in _NULLABLE or call is None or not isinstance(call.function, Attribute):
        return None
    edit = replace_text(project, use.location.module, call.function.name_span, "nullable")
    return Fix(title="use `nullable`", applicability="unsafe", edits=(edit,))
