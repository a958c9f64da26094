"""AGT001."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.kinds import reached_in_transactions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.outside import Effect

_EFFECTS: Final[frozenset[Effect]] = frozenset({"generation"})


class GenerationInTransaction(Rule):
    """A query or mutation asks a model.

    ## What it does

    Finds calls of agents and their threads that generate text, objects or embeddings, in queries
    and mutations, in helpers that take their context, and in the functions of the project that
    these call.

    ## Why is this bad?

    Only actions talk to the outside world: the call fails. Save the message in a mutation, which
    shows it at once, and let an action generate the answer.

    ## Example

    ```python
    from convexity.components.agent import Agent

    from ._generated.api import components

    support = Agent(components.agent, name="support")


    @mutation(args={"thread_id": v.string(), "prompt": v.string()}, returns=v.null())
    async def ask(ctx: MutationCtx, thread_id: str, prompt: str) -> None:
        await support.generate_text(ctx, thread_id=thread_id, prompt=prompt)
    ```

    ## Use instead

    ```python
    from convexity.components.agent import Agent

    from ._generated.api import components
    from ._generated.server import ActionCtx, internal_action

    support = Agent(components.agent, name="support")


    @mutation(args={"thread_id": v.string(), "prompt": v.string()}, returns=v.null())
    async def ask(ctx: MutationCtx, thread_id: str, prompt: str) -> None:
        saved = await support.save_message(ctx, thread_id=thread_id, prompt=prompt)
        await ctx.scheduler.run_after(
            0, internal.messages.answer, thread_id=thread_id, message_id=saved.message_id
        )


    @internal_action(args={"thread_id": v.string(), "message_id": v.string()}, returns=v.null())
    async def answer(ctx: ActionCtx, thread_id: str, message_id: str) -> None:
        await support.generate_text(ctx, thread_id=thread_id, prompt_message_id=message_id)
    ```

    ## References

    - Agent component, *Saving messages then generate asynchronously*.
    """

    name = "generation-in-transaction"
    code = "AGT001"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Follow the calls of every query, mutation and helper that takes their context."""
        for use, found in reached_in_transactions(project, _EFFECTS):
            what = " or ".join(f"a {kind}" for kind in sorted(use.kinds, reverse=True))
            yield self.finding(
                project,
                found.location(),
                f"{what} asks a model: {found.named()}",
                help="save the message here, and schedule an action that generates the answer",
                labels=found.labels(project),
            )
