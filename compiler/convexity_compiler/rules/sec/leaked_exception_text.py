"""SEC011."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.walk import nodes
from convexity_compiler.summary import expressions as e
from convexity_compiler.summary import statements as s
from convexity_compiler.summary.walk import walk, walk_statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse

_ANY: Final = frozenset({"builtins.Exception", "builtins.BaseException"})
_TRACES: Final = frozenset(
    {"traceback.format_exc", "traceback.format_exception", "traceback.format_stack"}
)


class LeakedExceptionText(Rule):
    """The text of an unexpected error is returned to the caller.

    ## What it does

    Finds the error of an `except Exception` and traces of `traceback` in what public functions and
    HTTP actions return. Errors of a certain class are silent: their text may be meant for the
    caller.

    ## Why is this bad?

    Nobody knows what such a text holds: paths, addresses of services, parts of other people's data.
    The backend itself tells clients no more than "Server Error".

    ## Example

    ```python
    @query(args={}, returns=v.string())
    async def load(ctx: QueryCtx) -> str:
        try:
            return str(await ctx.db.query("messages").first())
        except Exception as error:
            return f"failed: {error}"
    ```

    ## Use instead

    ```python
    from convexity.values import ConvexError


    @query(args={}, returns=v.string())
    async def load(ctx: QueryCtx) -> str:
        try:
            return str(await ctx.db.query("messages").first())
        except Exception as error:
            raise ConvexError("could not load") from error
    ```

    ## References

    - [The language](../reference/language.md): `ConvexError` is for what the client should read.
    """

    name = "leaked-exception-text"
    code = "SEC011"
    words = frozenset({"except"})
    category = "security"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at what public functions return where they handle errors."""
        for use in functions(project):
            if use.registered is None or use.registered.visibility != "public":
                continue
            if "except" not in project.modules[use.module].text:
                continue
            for statement in nodes(use.function):
                if isinstance(statement, s.Try):
                    for handler in statement.handlers:
                        yield from self._handler(project, use, handler)

    def _handler(
        self, project: LinkedProject, use: FunctionUse, handler: s.Handler
    ) -> Iterator[Diagnostic]:
        name = handler.name if _catches_all(use, handler) else None
        for statement in walk_statements(handler.body):
            if not isinstance(statement, s.Return) or statement.value is None:
                continue
            for leak in _leaks(use, statement.value, name):
                yield self.finding(
                    project,
                    Location(use.module, leak.span),
                    "the text of an unexpected error reaches the caller",
                    help='write it to the log, and raise `ConvexError("...")` with words for the'
                    " caller",
                )


def _catches_all(use: FunctionUse, handler: s.Handler) -> bool:
    return handler.exception is not None and use.scope.qualified_name(handler.exception) in _ANY


def _leaks(use: FunctionUse, value: e.Expr, name: str | None) -> Iterator[e.Expr]:
    """Yield where a value, or the variables in it, holds the error of a handler as text."""
    for node in walk(value):
        match node:
            case e.Call(function=function) if use.scope.qualified_name(function) in _TRACES:
                yield node
            case e.Call(function=e.Name(id="str" | "repr"), arguments=(e.Name(id=given),)) if (
                given == name
            ):
                yield node
            case e.Interpolation(value=e.Name(id=given)) if given == name:
                yield node
            case e.Attribute(value=e.Name(id=given), name="args") if given == name:
                yield node
            case e.Name():
                held = use.scope.constant(node)
                if held is not node:
                    yield from (node for _ in _leaks(use, held, name))
            case _:
                pass
