"""CTX005."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.kinds import reached_in_transactions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.outside import Effect

_EFFECTS: Final[frozenset[Effect]] = frozenset({"network"})


class NetworkInTransaction(Rule):
    """A query or mutation talks to the network.

    ## What it does

    Finds clients of HTTP, databases, mail and language models, and sockets, in queries and
    mutations, in helpers that take their context, and in the functions of the project that these
    call; the way there is shown.

    ## Why is this bad?

    A query is run again whenever what it read changes, and a mutation when it conflicts with
    another one: whatever is sent is sent again. While a mutation waits, all others wait for it.

    ## Example

    ```python
    import httpx


    @mutation(args={"city": v.string()}, returns=v.null())
    async def refresh(ctx: MutationCtx, city: str) -> None:
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"https://example.com/{city}")
        await ctx.db.insert("weather", {"city": city, "text": answer.text})
    ```

    ## Use instead

    ```python
    import httpx

    from ._generated.server import ActionCtx, action


    @action(args={"city": v.string()}, returns=v.null())
    async def refresh(ctx: ActionCtx, city: str) -> None:
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"https://example.com/{city}")
        await ctx.run_mutation(internal.messages.save, city=city, text=answer.text)


    @internal_mutation(args={"city": v.string(), "text": v.string()}, returns=v.null())
    async def save(ctx: MutationCtx, city: str, text: str) -> None:
        await ctx.db.insert("weather", {"city": city, "text": text})
    ```

    ## References

    - Convex docs, *Actions*: only actions call the outside world; queries and mutations are
      transactions.
    """

    name = "network-in-transaction"
    code = "CTX005"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Follow the calls of every query, mutation and helper that takes their context."""
        for use, found in reached_in_transactions(project, _EFFECTS):
            what = " or ".join(f"a {kind}" for kind in sorted(use.kinds, reverse=True))
            yield self.finding(
                project,
                found.location(),
                f"{what} uses the network: {found.named()}",
                help="do it in an action, which writes what it gets with `ctx.run_mutation`",
                labels=found.labels(project),
            )
