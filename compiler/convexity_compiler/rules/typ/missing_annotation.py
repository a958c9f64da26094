"""TYP003."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values import ObjectValidator

from convexity_compiler.link.agreement import annotation_text
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.fun.missing_ctx_parameter import takes_argument_as_context
from convexity_compiler.rules.fun.variadic_handler import VARIADIC_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity.values import Validator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject

_CONTEXTS = {"query": "QueryCtx", "mutation": "MutationCtx", "action": "ActionCtx"}


class MissingAnnotation(Rule):
    """A parameter or the result of a handler has no annotation.

    ## What it does

    Finds unannotated parameters, the context among them, and handlers without a return annotation.

    ## Why is this bad?

    A type checker then checks nothing inside the handler, and the validators have nothing to be
    compared with.

    ## Example

    ```python
    @query(args={"name": v.string()}, returns=v.string())
    async def greet(ctx: QueryCtx, name) -> str:
        return f"hello {name}"
    ```

    ## Use instead

    ```python
    @query(args={"name": v.string()}, returns=v.string())
    async def greet(ctx: QueryCtx, name: str) -> str:
        return f"hello {name}"
    ```

    ## References

    - [The language, *Agreement of annotations and
      validators*](../reference/language.md#2-agreement-of-annotations-and-validators).
    """

    name = "missing-annotation"
    code = "TYP003"
    category = "style"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at parameters and results."""
        for function in project.functions:
            name = function.definition.name
            context = function.context
            if context and context.annotation is None and not takes_argument_as_context(function):
                yield self.finding(
                    project,
                    Location(module=function.module, span=context.span),
                    f"context `{context.name}` of `{name}` has no annotation",
                    help=f"write `{context.name}: {_CONTEXTS[function.kind]}`",
                )
            fields = (
                function.args.validator.fields
                if function.args and isinstance(function.args.validator, ObjectValidator)
                else {}
            )
            for linked in function.parameters:
                validator = fields.get(linked.wire_name)
                if (
                    linked.parameter.annotation is None
                    and linked.parameter.kind not in VARIADIC_KINDS
                ):
                    yield self.finding(
                        project,
                        Location(module=function.module, span=linked.parameter.span),
                        f"parameter `{linked.parameter.name}` of `{name}` has no annotation",
                        help=_remedy(validator),
                    )
            if function.definition.returns is None:
                yield self.finding(
                    project,
                    function.location,
                    f"result of `{name}` has no annotation",
                    help=_remedy(function.returns.validator if function.returns else None),
                )


def _remedy(validator: Validator | None) -> str:
    if validator is None:
        return "annotate it with the type of its validator"
    return f"its validator says `{annotation_text(validator)}`"
