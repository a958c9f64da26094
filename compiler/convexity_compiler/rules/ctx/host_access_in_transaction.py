"""CTX007."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.kinds import reached_in_transactions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.outside import Effect

_EFFECTS: Final[frozenset[Effect]] = frozenset({"host"})


class HostAccessInTransaction(Rule):
    """A query or mutation reaches for files, processes or threads.

    ## What it does

    Finds files, processes and threads in queries and mutations, in helpers that take their context,
    and in the functions of the project that these call. Calls that block the event loop are left to
    `blocking-call`.

    ## Why is this bad?

    A transaction sees its context and nothing else: what it does to files and processes is neither
    undone when it is rolled back nor noticed by subscriptions, and in a thread the context fails.

    ## Example

    ```python
    import asyncio


    @mutation(args={"text": v.string()}, returns=v.null())
    async def add(ctx: MutationCtx, text: str) -> None:
        await asyncio.to_thread(print, text)
    ```

    ## Use instead

    ```python
    @mutation(args={"text": v.string()}, returns=v.null())
    async def add(ctx: MutationCtx, text: str) -> None:
        print(text)
    ```

    ## References

    - [The language, *Contexts*](../reference/language.md#contexts).
    - Temporal's Python SDK keeps the same modules out of its workflows.
    """

    name = "host-access-in-transaction"
    code = "CTX007"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Follow the calls of every query, mutation and helper that takes their context."""
        for _, found in reached_in_transactions(project, _EFFECTS):
            if "blocking" in found.leaf.effects:
                continue
            yield self.finding(
                project,
                found.location(),
                f"a transaction uses the machine it runs on: {found.named()}",
                help="do it in an action",
                labels=found.labels(project),
            )
