"""SEC008."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity.values import OptionalValidator

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.passing import carriers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity.values import Validator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import FieldSource, LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.rules.usage.passing import Carrier
    from convexity_compiler.summary.expressions import Expr

_WRITES: Final = frozenset({"insert", "patch", "replace"})
_OPEN: Final = frozenset({"any", "record"})


class MassAssignment(Rule):
    """Callers of a public function choose which fields are written.

    ## What it does

    Finds arguments of public functions with `v.any()` or a record as their validator that are
    written as documents or patches, as they come.

    ## Why is this bad?

    The caller can write fields that are not theirs to write: the owner, the role, the price.

    ## Example

    ```python
    @mutation(args={"id": v.id("users"), "changes": v.any()}, returns=v.null())
    async def update(ctx: MutationCtx, id: Any, changes: Any) -> None:
        await ctx.db.patch(id, changes)
    ```

    ## Use instead

    ```python
    @mutation(args={"id": v.id("users"), "name": v.string()}, returns=v.null())
    async def update(ctx: MutationCtx, id: Any, name: str) -> None:
        await ctx.db.patch(id, {"name": name})
    ```

    ## References

    - Convex best practices, *Use granular functions*.
    """

    name = "mass-assignment"
    code = "SEC008"
    category = "security"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at what public functions write."""
        for use in functions(project):
            function = use.registered
            if function is None or function.visibility != "public" or function.args is None:
                continue
            open_fields = {
                entry.parameter.name: field
                for entry in function.parameters
                if (field := function.args.field(entry.wire_name)) is not None
                and _is_open(getattr(function.args.validator, "fields", {}).get(field.name))
            }
            for carrier in carriers(project, use, set(open_fields)) if open_fields else ():
                for argument in _written(carrier.use):
                    name = carrier.use.scope.parameter(carrier.use.scope.constant(argument))
                    first = carrier.names.get(name or "")
                    if first is not None:
                        yield self._found(project, use, open_fields[first], argument, carrier)

    def _found(
        self,
        project: LinkedProject,
        use: FunctionUse,
        field: FieldSource,
        argument: Expr,
        carrier: Carrier,
    ) -> Diagnostic:
        labels = [label_at(project, field.key, "anything passes here")]
        place = argument
        if carrier.use is not use:
            written = Location(carrier.use.module, argument.span)
            labels.insert(0, label_at(project, written, "written here"))
            place = next(iter(carrier.given.values()))
        return self.finding(
            project,
            Location(use.module, place.span),
            f"callers choose which fields of `{field.name}` are written",
            help="take the fields that may change, each with its validator",
            labels=tuple(labels),
        )


def _written(use: FunctionUse) -> Iterator[Expr]:
    """Yield the documents that a function itself writes."""
    for site in use.context_calls:
        if site.owner.path == ("db",) and site.method.name in _WRITES:
            yield from site.call.arguments[1:]


def _is_open(validator: Validator | None) -> bool:
    if isinstance(validator, OptionalValidator):
        validator = validator.inner
    return validator is not None and validator.kind in _OPEN
