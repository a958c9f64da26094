"""TYP005."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.usage.fitting import literal_misfits, typed_misfits
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.local_types import local_types

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.fitting import TypedMisfit


class ReturnValueMismatch(Rule):
    """A handler returns a value that its `returns` refuses.

    ## What it does

    Compares what a handler returns with its `returns`: literals, and values whose type is known,
    such as arguments, documents and the results of other functions. What is not known is not
    looked at, and of a union one member that fits is enough: a test may have ruled out the others.

    ## Why is this bad?

    The result is checked before it leaves, and the call fails. Type checkers do not see it all: a
    document has more fields than an object made from a few of them, and yet they let it pass.

    ## Example

    ```python
    @query(args={"name": v.string()}, returns=v.object({"name": v.string(), "size": v.number()}))
    async def describe(ctx: QueryCtx, name: str) -> Any:
        return {"name": name, "size": "large"}
    ```

    ## Use instead

    ```python
    @query(args={"name": v.string()}, returns=v.object({"name": v.string(), "size": v.string()}))
    async def describe(ctx: QueryCtx, name: str) -> Any:
        return {"name": name, "size": "large"}
    ```

    ## References

    - Convex guidelines, *New function syntax*: "ALWAYS include argument and return validators".
    """

    name = "return-value-mismatch"
    code = "TYP005"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every `return` of a handler."""
        for use in functions(project):
            function = use.registered
            evaluated = function.returns if function else None
            validator = evaluated.validator if evaluated else None
            if validator is None or evaluated is None or validator.kind in ("any", "null"):
                continue
            types = local_types(use)
            for statement in use.returns:
                if statement.value is None:
                    continue
                found = [
                    *literal_misfits(validator, statement.value, types),
                    *typed_misfits(validator, statement.value, types),
                ]
                for misfit in found:
                    if misfit.kind == "non_value":
                        continue
                    yield self.finding(
                        project,
                        Location(use.module, misfit.span),
                        f"`returns` refuses this: {misfit.reason}",
                        label=f"did you mean `{misfit.suggestion}`?" if misfit.suggestion else "",
                        help=_remedy(misfit),
                        labels=(label_at(project, evaluated.location, "the validator"),),
                    )


def _remedy(misfit: TypedMisfit) -> str:
    if misfit.reason.startswith("the validator has no"):
        return "return only the fields of the validator, or let it name them all"
    return "change the value or the validator, so that they mean the same"
