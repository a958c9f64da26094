"""ASY005."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.capabilities import WRITES
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.span import Span
from convexity_compiler.summary.statements import Raise, Try
from convexity_compiler.summary.walk import walk, walk_statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.summary.statements import Handler

_BROAD: Final = frozenset({"builtins.Exception", "builtins.BaseException"})


class SwallowedTransactionError(Rule):
    """A mutation goes on after any error of its own writes.

    ## What it does

    Finds `except Exception`, `except BaseException` and a bare `except` around writes of a
    mutation, without a `raise` inside.

    ## Why is this bad?

    What was written before the error stays, and is committed: half of the work. An error that
    leaves the function undoes all of it.

    ## Example

    ```python
    @mutation(args={}, returns=v.null())
    async def send(ctx: MutationCtx) -> None:
        try:
            await ctx.db.insert("messages", {"text": "hello"})
            await ctx.db.insert("receipts", {"text": "hello"})
        except Exception:
            print("failed")
    ```

    ## Use instead

    ```python
    @mutation(args={}, returns=v.null())
    async def send(ctx: MutationCtx) -> None:
        await ctx.db.insert("messages", {"text": "hello"})
        await ctx.db.insert("receipts", {"text": "hello"})
    ```

    ## References

    - [The language, *Errors*](../reference/language.md#errors).
    """

    name = "swallowed-transaction-error"
    code = "ASY005"
    words = frozenset({"except"})
    category = "suspicious"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at what is caught around writes."""
        for use in functions(project):
            writes = {
                id(site.written)
                for site in use.context_calls
                if site.owner.path == ("db",) and site.method.name in WRITES
            }
            attempts = use.nodes_of(Try)
            for attempt in attempts if writes else ():
                inside = (node for statement in attempt.body for node in walk(statement))
                if not any(id(node) in writes for node in inside):
                    continue
                for handler in attempt.handlers:
                    if _is_broad(use, handler) and not any(
                        isinstance(statement, Raise) for statement in walk_statements(handler.body)
                    ):
                        yield self.finding(
                            project,
                            Location(use.module, _place(handler)),
                            "the mutation goes on after an error, and keeps what it wrote before",
                            help="catch the error that is expected, or raise again",
                        )


def _is_broad(use: FunctionUse, handler: Handler) -> bool:
    exception = handler.exception
    return exception is None or use.scope.qualified_name(exception) in _BROAD


def _place(handler: Handler) -> Span:
    """The exception, or the keyword where there is none."""
    if handler.exception is not None:
        return handler.exception.span
    line, column = handler.span[:2]
    return Span(line, column, line, column + len("except"))
