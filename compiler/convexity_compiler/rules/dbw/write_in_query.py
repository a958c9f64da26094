"""DBW001."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.capabilities import WRITES, is_only
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.values import CONTEXT_NAMES
from convexity_compiler.rules.writing.registrars import register_as

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic, Fix
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse


class WriteInQuery(Rule):
    """A query writes to the database.

    ## What it does

    Finds `insert`, `patch`, `replace` and `delete` on the database of a query, and of helpers whose
    context is a `QueryCtx`.

    ## Why is this bad?

    Queries are read-only, so that their results can be cached and kept current. The call fails.

    ## Example

    ```python
    @query(args={}, returns=v.null())
    async def visit(ctx: QueryCtx) -> None:
        await ctx.db.insert("visits", {})
    ```

    ## Use instead

    ```python
    @mutation(args={}, returns=v.null())
    async def visit(ctx: MutationCtx) -> None:
        await ctx.db.insert("visits", {})
    ```

    ## Fix safety

    The fix makes the query a mutation, where the handler itself writes. It is unsafe: what
    subscribes to the query must call the mutation instead.

    ## References

    - Convex guidelines, *Function calling*: a query reads, a mutation writes.
    """

    name = "write-in-query"
    code = "DBW001"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the calls on databases."""
        for use in functions(project):
            for site in use.context_calls:
                if (
                    site.owner.path == ("db",)
                    and site.method.name in WRITES
                    and is_only(site.owner, "query")
                ):
                    yield self.finding(
                        project,
                        Location(use.module, site.method.span),
                        f"queries are read-only and have no `{site.method.name}`",
                        help="write in a mutation; a helper that writes takes a `MutationCtx`",
                        fix=_fix(project, use),
                    )


def _fix(project: LinkedProject, use: FunctionUse) -> Fix | None:
    handler = use.registered
    if handler is None:
        return None
    registrar = handler.registrar.replace("query", "mutation")
    return register_as(project, handler, registrar, CONTEXT_NAMES["mutation"])
