"""REF010."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.kinds import is_always
from convexity_compiler.summary.statements import For
from convexity_compiler.summary.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.values import ContextKind

_ACTIONS: Final[frozenset[ContextKind]] = frozenset({"action"})


class TransactionInLoop(Rule):
    """An action runs a mutation for each element of a list.

    ## What it does

    Finds `ctx.run_mutation(...)` in a `for` loop of an action, or of a helper that takes the
    context of actions, where the loop is over a list. As all rules of severity `info`, it runs only
    when it is selected, or in the profile `all`.

    ## Why is this bad?

    Each is a transaction of its own: it takes as long as all of them, and half of them may fail.

    ## Example

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["transaction-in-loop"]

    # convex/messages.py
    from ._generated.server import ActionCtx, action


    @internal_mutation(args={"name": v.string()}, returns=v.null())
    async def tidy(ctx: MutationCtx, name: str) -> None: ...


    @action(args={"names": v.array(v.string())}, returns=v.null())
    async def all(ctx: ActionCtx, names: list[str]) -> None:
        for name in names:
            await ctx.run_mutation(internal.messages.tidy, name=name)
    ```

    ## Use instead

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["transaction-in-loop"]

    # convex/messages.py
    from ._generated.server import ActionCtx, action


    @internal_mutation(args={"names": v.array(v.string())}, returns=v.null())
    async def tidy(ctx: MutationCtx, names: list[str]) -> None: ...


    @action(args={"names": v.array(v.string())}, returns=v.null())
    async def all(ctx: ActionCtx, names: list[str]) -> None:
        await ctx.run_mutation(internal.messages.tidy, names=names)
    ```

    ## References

    - Convex best practices, *Avoid sequential `ctx.runMutation` / `ctx.runQuery` from actions*.
    """

    name = "transaction-in-loop"
    code = "REF010"
    words = frozenset({"run_mutation"})
    category = "performance"
    severity = "info"
    recommended_severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the loops of actions."""
        for use in functions(project):
            if not is_always(use, _ACTIONS):
                continue
            calls = {
                id(site.written): site
                for site in use.context_calls
                if site.owner.path == () and site.method.name == "run_mutation"
            }
            for loop in use.nodes_of(For):
                if loop.is_async:
                    continue
                for node in (node for statement in loop.body for node in walk(statement)):
                    if id(node) in calls:
                        yield self.finding(
                            project,
                            Location(use.module, calls[id(node)].call.span),
                            "each turn of the loop is a transaction of its own",
                            help="pass the whole list to one mutation",
                        )
