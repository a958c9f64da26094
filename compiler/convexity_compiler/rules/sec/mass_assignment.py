"""SEC008."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity.values import OptionalValidator

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.usage.functions import functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity.values import Validator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject

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
            fields = getattr(function.args.validator, "fields", {})
            for site in use.context_calls:
                if site.owner.path != ("db",) or site.method.name not in _WRITES:
                    continue
                for argument in site.call.arguments[1:]:
                    name = use.scope.parameter(use.scope.constant(argument))
                    source = next(
                        (
                            function.args.field(entry.wire_name)
                            for entry in function.parameters
                            if entry.parameter.name == name
                        ),
                        None,
                    )
                    if source is not None and _is_open(fields.get(source.name)):
                        yield self.finding(
                            project,
                            Location(use.module, argument.span),
                            f"callers choose which fields of `{source.name}` are written",
                            help="take the fields that may change, each with its validator",
                            labels=(label_at(project, source.key, "anything passes here"),),
                        )


def _is_open(validator: Validator | None) -> bool:
    if isinstance(validator, OptionalValidator):
        validator = validator.inner
    return validator is not None and validator.kind in _OPEN
