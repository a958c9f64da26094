"""DBW002."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.capabilities import is_only
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.values import Handle
from convexity_compiler.summary.expressions import Attribute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class DbInAction(Rule):
    """An action reaches for the database.

    ## What it does

    Finds `ctx.db` in actions and HTTP actions, and in helpers whose context is an `ActionCtx`.

    ## Why is this bad?

    Actions run outside transactions, and their context has no database. The access fails.

    ## Example

    ```python
    from ._generated.server import ActionCtx, action


    @action(args={}, returns=v.any())
    async def latest(ctx: ActionCtx) -> Any:
        return await ctx.db.query("messages").order("desc").first()
    ```

    ## Use instead

    ```python
    from ._generated.server import ActionCtx, action


    @internal_query(args={}, returns=v.any())
    async def load_latest(ctx: QueryCtx) -> Any:
        return await ctx.db.query("messages").order("desc").first()


    @action(args={}, returns=v.any())
    async def latest(ctx: ActionCtx) -> Any:
        return await ctx.run_query(internal.messages.load_latest)
    ```

    ## References

    - Convex guidelines, *Action guidelines*: "Never use `ctx.db` inside of an action."
    """

    name = "db-in-action"
    code = "DBW002"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every access to a database."""
        for use in functions(project):
            for place in use.attributes:
                if not isinstance(place.node, Attribute) or place.node.name != "db":
                    continue
                found = use.scope.value(place.node)
                if isinstance(found, Handle) and found.path == ("db",) and is_only(found, "action"):
                    yield self.finding(
                        project,
                        Location(use.module, place.node.span),
                        "actions have no database",
                        help="read with `ctx.run_query(...)` and write with"
                        " `ctx.run_mutation(...)`",
                    )
