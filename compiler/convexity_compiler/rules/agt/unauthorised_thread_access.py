"""AGT002."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.guards import is_guarded
from convexity_compiler.rules.usage.mentions import origin
from convexity_compiler.rules.usage.passing import carriers
from convexity_compiler.summary.expressions import Attribute, Call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedFunction, LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.rules.usage.passing import Carrier
    from convexity_compiler.summary.expressions import Expr

_AGENT: Final = "convexity.components.agent."
_THREAD: Final = re.compile(r"^thread_?id$", re.IGNORECASE)


class UnauthorisedThreadAccess(Rule):
    """Anyone can read or continue a conversation whose id they know.

    ## What it does

    Finds public functions that pass the argument `thread_id` on to an agent, themselves or through
    functions that they call, and that neither read `ctx.auth` nor call anything named like a guard.

    ## Why is this bad?

    Agents trust the ids they are given. Whoever learns the id of a thread reads what others wrote,
    and writes in their name.

    ## Example

    ```python
    from convexity.components.agent import Agent

    from ._generated.api import components

    support = Agent(components.agent, name="support")


    @query(args={"thread_id": v.string()}, returns=v.any())
    async def messages(ctx: QueryCtx, thread_id: str) -> Any:
        return await support.list_messages(ctx, thread_id=thread_id)
    ```

    ## Use instead

    ```python
    from convexity.components.agent import Agent

    from ._generated.api import components

    support = Agent(components.agent, name="support")


    @query(args={"thread_id": v.string()}, returns=v.any())
    async def messages(ctx: QueryCtx, thread_id: str) -> Any:
        await require_owner(ctx, thread_id)
        return await support.list_messages(ctx, thread_id=thread_id)


    async def require_owner(ctx: QueryCtx, thread_id: str) -> None:
        if await ctx.auth.get_user_identity() is None:
            raise ConvexError("Sign in first")
    ```

    ## References

    - Agent component, *Continuing a thread*: `authorizeThreadAccess(ctx, threadId)` comes first.
    """

    name = "unauthorised-thread-access"
    code = "AGT002"
    category = "security"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the public functions that are given a thread."""
        for use in functions(project):
            function = use.registered
            if function is None or function.visibility != "public":
                continue
            names = {
                entry.parameter.name
                for entry in function.parameters
                if _THREAD.search(entry.wire_name)
            }
            if not names:
                continue
            passed = next(_passed_on(project, use, names), None)
            if passed is not None and not is_guarded(project, use):
                yield self._found(project, use, function, passed)

    def _found(
        self, project: LinkedProject, use: FunctionUse, function: LinkedFunction, passed: Expr
    ) -> Diagnostic:
        return self.finding(
            project,
            Location(use.module, passed.span),
            f"`{function.name}` lets anyone into a thread whose id they know",
            help="check first that the caller owns the thread",
            labels=(label_at(project, function.location, "public"),),
        )


def _passed_on(project: LinkedProject, use: FunctionUse, names: set[str]) -> Iterator[Expr]:
    """Yield the places in a function from which a thread comes to an agent."""
    for carrier in carriers(project, use, names):
        for value, first in _given_to_agents(project, carrier):
            yield carrier.given.get(first, value)


def _given_to_agents(project: LinkedProject, carrier: Carrier) -> Iterator[tuple[Expr, str]]:
    use = carrier.use
    for place in use.calls:
        call = place.node
        if not isinstance(call, Call) or not isinstance(call.function, Attribute):
            continue
        for value in (*call.arguments, *(entry.value for entry in call.keywords)):
            first = carrier.names.get(use.scope.parameter(use.scope.constant(value)) or "")
            if first is not None:
                owner = origin(project, use, call.function.value)
                if owner is not None and owner.startswith(_AGENT):
                    yield value, first
