"""FUN007."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values import ObjectValidator

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.link.types import Primitive, members
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.editing import insert_after

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedFunction, LinkedParameter, LinkedProject


class OptionalArgWithoutDefault(Rule):
    """An optional argument has a parameter without a default.

    ## What it does

    Finds parameters without a default whose argument is declared `v.optional(...)`.

    ## Why is this bad?

    A caller may leave the argument out, and the call then fails with `TypeError`.

    ## Example

    ```python
    @query(args={"limit": v.optional(v.number())}, returns=v.null())
    async def latest(ctx: QueryCtx, limit: float | None) -> None: ...
    ```

    ## Use instead

    ```python
    @query(args={"limit": v.optional(v.number())}, returns=v.null())
    async def latest(ctx: QueryCtx, limit: float | None = None) -> None: ...
    ```

    ## Fix safety

    The fix adds `= None` where the annotation allows None, and is safe.

    ## References

    - [The language, *Absent, null, default*](../reference/language.md#absent-null-default).
    """

    name = "optional-arg-without-default"
    code = "FUN007"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the parameters of optional arguments."""
        for function in project.functions:
            if function.args is None or not isinstance(function.args.validator, ObjectValidator):
                continue
            fields = function.args.validator.fields
            for linked in function.parameters:
                validator = fields.get(linked.wire_name)
                if validator is None or not validator.is_optional or not linked.is_required:
                    continue
                source = function.args.field(linked.wire_name)
                problem = f"parameter `{linked.parameter.name}` has no default"
                remedy = "give it a default: `None`, or `UNSET` where null is a value of its own"
                if linked.is_unpacked:
                    problem = f"key `{linked.wire_name}` of `{linked.parameter.name}` is required"
                    remedy = "say `NotRequired[...]` in its TypedDict"
                yield self.finding(
                    project,
                    Location(function.module, linked.parameter.span),
                    f"{problem}, and its argument is optional",
                    help=remedy,
                    labels=(label_at(project, source.key, "declared optional here"),)
                    if source
                    else (),
                    fix=_fix(project, function, linked),
                )


def _fix(project: LinkedProject, function: LinkedFunction, linked: LinkedParameter) -> Fix | None:
    if linked.is_unpacked or Primitive("None") not in members(linked.annotation.type):
        return None
    parameters = function.definition.parameters
    following = parameters[parameters.index(linked.parameter) + 1 :]
    if linked.parameter.kind != "keyword_only" and any(
        other.kind == "positional" and other.default is None for other in following
    ):
        return None  # a parameter without a default cannot follow one that has it
    edit = insert_after(project, function.module, linked.parameter.span, " = None")
    return Fix(title="add the default `None`", applicability="safe", edits=(edit,))
