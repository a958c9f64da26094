"""FUN005."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import insert_before
from convexity_compiler.rules.usage.values import CONTEXT_NAMES
from convexity_compiler.rules.writing.names import GENERATED_SERVER, imported_name
from convexity_compiler.rules.writing.signatures import parameters_place
from convexity_compiler.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedFunction, LinkedProject


class MissingCtxParameter(Rule):
    """The first parameter of a handler is not the context.

    ## What it does

    Finds handlers without a positional first parameter, and those whose first parameter is one of
    the declared arguments.

    ## Why is this bad?

    A handler is called with its context first and its arguments by keyword.

    ## Example

    ```python
    @query(args={"name": v.string()}, returns=v.string())
    async def greet(name: str) -> str:
        return f"hello {name}"
    ```

    ## Use instead

    ```python
    @query(args={"name": v.string()}, returns=v.string())
    async def greet(ctx: QueryCtx, name: str) -> str:
        return f"hello {name}"
    ```

    ## Fix safety

    The fix makes the context the first parameter. It is unsafe: callers that pass arguments by
    position, if there are any, must pass it too.

    ## References

    - [The language, *Registration*](../reference/language.md#registration): arguments arrive as
      keywords behind the context.
    """

    name = "missing-ctx-parameter"
    code = "FUN005"
    fixable = True
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the first parameter of every handler."""
        for function in project.functions:
            name = function.definition.name
            kind = "action" if function.kind == "http_action" else function.kind
            expected = CONTEXT_NAMES[kind]
            remedy = f"make `ctx: {expected}` the first parameter"
            if function.context is None:
                yield self.finding(
                    project,
                    function.location,
                    f"handler `{name}` takes no context",
                    help=remedy,
                    fix=_fix(project, function, expected),
                )
            elif takes_argument_as_context(function):
                yield self.finding(
                    project,
                    Location(function.module, function.context.span),
                    f"first parameter of `{name}` is the argument `{function.context.name}`,"
                    " not the context",
                    help=remedy,
                    fix=_fix(project, function, expected),
                )


def takes_argument_as_context(function: LinkedFunction) -> bool:
    """Whether the first parameter bears the name of a declared argument."""
    return bool(function.context and function.args and function.args.field(function.context.name))


def _fix(project: LinkedProject, function: LinkedFunction, expected: str) -> Fix | None:
    module, definition = function.module, function.definition
    place = parameters_place(project.modules[module], definition)
    found = imported_name(project, module, GENERATED_SERVER, expected)
    if place is None or found is None or any(p.name == "ctx" for p in definition.parameters):
        return None
    name, imports = found
    text = f"ctx: {name}"
    title = f"make `{text}` the first parameter"
    spans = [parameter.span for parameter in definition.parameters]
    line, column = place[:2]
    if spans and not project.modules[module].source(Span(line, column, *spans[0][:2])).strip():
        line, column = spans[0][:2]
    at = Span(line, column, line, column)
    edit = insert_before(project, module, at, f"{text}, " if spans else text)
    return Fix(title=title, applicability="unsafe", edits=(edit, *imports))
