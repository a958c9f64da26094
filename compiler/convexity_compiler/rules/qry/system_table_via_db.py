"""QRY021."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.link.platform import SYSTEM_TABLES
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import insert_after
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.values import literal_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class SystemTableViaDb(Rule):
    """A system table is read as if it were a table of the project.

    ## What it does

    Finds `ctx.db.query("_storage")` and `ctx.db.query("_scheduled_functions")`.

    ## Why is this bad?

    The query fails: system tables are read through `ctx.db.system`.

    ## Example

    ```python
    @query(args={}, returns=v.any())
    async def files(ctx: QueryCtx) -> Any:
        return await ctx.db.query("_storage").take(10)
    ```

    ## Use instead

    ```python
    @query(args={}, returns=v.any())
    async def files(ctx: QueryCtx) -> Any:
        return await ctx.db.system.query("_storage").take(10)
    ```

    ## Fix safety

    The fix writes `.system`, and is safe: the call cannot work otherwise.

    ## References

    - Convex guidelines, *File storage guidelines*: "query the `_storage` system table", with
      `ctx.db.system`.
    """

    name = "system-table-via-db"
    code = "QRY021"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the tables that functions read."""
        for use in functions(project):
            for site in use.context_calls:
                name = literal_text(site.call, 0)
                if (
                    site.owner.path != ("db",)
                    or site.method.name != "query"
                    or name not in SYSTEM_TABLES
                ):
                    continue
                edit = insert_after(project, use.module, site.method.value.span, ".system")
                yield self.finding(
                    project,
                    Location(use.module, site.call.arguments[0].span),
                    f"`{name}` is a system table",
                    help="read it through `ctx.db.system`",
                    fix=Fix(title="use `db.system`", applicability="safe", edits=(edit,)),
                )
