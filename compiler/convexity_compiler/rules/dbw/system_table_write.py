"""DBW006."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.link import types as t
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.capabilities import WRITES
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.local_types import local_types, present
from convexity_compiler.rules.usage.values import literal_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import ContextCall
    from convexity_compiler.rules.usage.local_types import LocalTypes
    from convexity_compiler.summary.expressions import Expr

_INSTEAD: Final = {
    "_storage": "store and delete files with `ctx.storage`",
    "_scheduled_functions": "use `ctx.scheduler.run_after(...)`, `run_at` and `cancel`",
}
"""The way out by system table."""


class SystemTableWrite(Rule):
    """A function writes to a system table.

    ## What it does

    Finds `insert` into `_storage` or `_scheduled_functions`, and `patch`, `replace` and `delete`
    with one of their ids.

    ## Why is this bad?

    System tables are read-only: files are stored and deleted with `ctx.storage`, and functions are
    scheduled and cancelled with `ctx.scheduler`.

    ## Example

    ```python
    @mutation(args={"job": v.id("_scheduled_functions")}, returns=v.null())
    async def stop(ctx: MutationCtx, job: Id[ScheduledFunctions]) -> None:
        await ctx.db.delete(job)
    ```

    ## Use instead

    ```python
    @mutation(args={"job": v.id("_scheduled_functions")}, returns=v.null())
    async def stop(ctx: MutationCtx, job: Id[ScheduledFunctions]) -> None:
        await ctx.scheduler.cancel(job)
    ```

    ## References

    - Convex, *System tables*: they are read-only.
    """

    name = "system-table-write"
    code = "DBW006"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every write."""
        for use in functions(project):
            for site in use.context_calls:
                if site.owner.path[:1] != ("db",) or site.method.name not in WRITES:
                    continue
                argument = site.call.arguments[0] if site.call.arguments else None
                table = None if argument is None else _table(local_types(use), site, argument)
                if table is None or argument is None:
                    continue
                yield self.finding(
                    project,
                    Location(use.module, argument.span),
                    f"`{table}` is a system table, and read-only",
                    help=_INSTEAD[table],
                )


def _table(types: LocalTypes, site: ContextCall, argument: Expr) -> str | None:
    """The system table that a call writes to, if that is certain."""
    if site.method.name == "insert":
        found = {literal_text(site.call, 0)}
    else:
        model = types.of(argument)
        members = present(model) if model is not None else []
        found = {member.table if isinstance(member, t.IdType) else None for member in members}
    return next(iter(found & set(_INSTEAD)), None) if len(found) == 1 else None
