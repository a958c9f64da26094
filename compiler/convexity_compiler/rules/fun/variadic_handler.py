"""FUN009."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.summary.expressions import Subscript

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedFunction, LinkedProject
    from convexity_compiler.summary.model import Parameter, ParameterKind

VARIADIC_KINDS: dict[ParameterKind, str] = {
    "var_positional": "takes any number of positional arguments",
    "var_keyword": "takes any keyword argument",
    "positional_only": "is positional-only",
}

"""What is wrong with each kind of parameter that arguments cannot reach by keyword."""


class VariadicHandler(Rule):
    """A handler has `*args`, `**kwargs` or positional-only arguments.

    ## What it does

    Finds such parameters behind the context. `**fields: Unpack[SomeTypedDict]` is fine: it names
    its keys.

    ## Why is this bad?

    Arguments arrive by keyword, exactly those that `args` declares: `*args` is always empty, a
    positional-only parameter never receives its value, and `**kwargs` hides the names.

    ## Example

    ```python
    @query(args={"name": v.string()}, returns=v.null())
    async def greet(ctx: QueryCtx, **kwargs: str) -> None: ...
    ```

    ## Use instead

    ```python
    @query(args={"name": v.string()}, returns=v.null())
    async def greet(ctx: QueryCtx, name: str) -> None: ...
    ```

    ## References

    - [The language, *Registration*](../reference/language.md#registration).
    - [The language, *Agreement of annotations and
      validators*](../reference/language.md#2-agreement-of-annotations-and-validators).
    """

    name = "variadic-handler"
    code = "FUN009"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the kinds of parameters."""
        for function in project.functions:
            for parameter in function.definition.parameters:
                if parameter.kind not in VARIADIC_KINDS or parameter == function.context:
                    continue
                if parameter.kind == "var_keyword" and _unpacks(project, function, parameter):
                    continue
                yield self.finding(
                    project,
                    Location(function.module, parameter.span),
                    f"parameter `{parameter.name}` of `{function.definition.name}`"
                    f" {VARIADIC_KINDS[parameter.kind]}",
                    help="write one parameter for each argument; they arrive by keyword",
                )


def _unpacks(project: LinkedProject, function: LinkedFunction, parameter: Parameter) -> bool:
    annotation = parameter.annotation
    if not isinstance(annotation, Subscript):
        return False
    origin = project.resolver.qualified_name(function.module, annotation.value)
    return origin in ("typing.Unpack", "typing_extensions.Unpack")
