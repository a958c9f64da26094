"""HTT009."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.usage.functions import module_functions
from convexity_compiler.rules.usage.mentions import mentions
from convexity_compiler.rules.usage.reach import function_use
from convexity_compiler.summary.expressions import Attribute, Constant, Name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject, LinkedRoute
    from convexity_compiler.rules.usage.functions import ContextCall, FunctionUse

_WEBHOOK: Final = re.compile(r"web_?hook", re.IGNORECASE)
_PROOF: Final = re.compile(
    r"sign|hmac|digest|verif|secret|token|auth|construct_event|password|api_?key|allow|trusted",
    re.IGNORECASE,
)
"""Words of code that asks for a proof of who sends."""
_WRITES: Final = frozenset({"run_mutation", "run_action", "run_after", "run_at"})


class UnverifiedWebhook(Rule):
    """A webhook believes whoever calls it.

    ## What it does

    Finds HTTP actions with `webhook` in their route or name that run or schedule functions, where
    neither the handler nor a function of the project that it calls mentions a signature, secret,
    token or key.

    ## Why is this bad?

    The address of a webhook is no secret: anyone can send it events.

    ## Example

    ```python
    # convex/http.py
    from convexity.server import http_router
    from starlette.requests import Request
    from starlette.responses import Response

    from ._generated.api import internal
    from ._generated.server import ActionCtx, http_action

    http = http_router()


    @http.route(path="/webhooks/payments", method="POST")
    @http_action
    async def paid(ctx: ActionCtx, request: Request) -> Response:
        await ctx.run_mutation(internal.orders.mark_paid, event=await request.json())
        return Response("")


    # convex/orders.py
    @internal_mutation(args={"event": v.any()}, returns=v.null())
    async def mark_paid(ctx: MutationCtx, event: Any) -> None: ...
    ```

    ## Use instead

    ```python
    # convex/http.py
    from convexity.server import http_router
    from starlette.requests import Request
    from starlette.responses import Response

    from ._generated.api import internal
    from ._generated.server import ActionCtx, http_action
    from .orders import is_signed

    http = http_router()


    @http.route(path="/webhooks/payments", method="POST")
    @http_action
    async def paid(ctx: ActionCtx, request: Request) -> Response:
        if not is_signed(await request.body(), request.headers.get("x-signature", "")):
            return Response("", status_code=401)
        await ctx.run_mutation(internal.orders.mark_paid, event=await request.json())
        return Response("")


    # convex/orders.py
    def is_signed(body: bytes, signature: str) -> bool:
        return bool(body) and signature == "..."


    @internal_mutation(args={"event": v.any()}, returns=v.null())
    async def mark_paid(ctx: MutationCtx, event: Any) -> None: ...
    ```

    ## References

    - Standard Webhooks, *Signatures*.
    """

    name = "unverified-webhook"
    code = "HTT009"
    category = "security"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the handlers of the routes."""
        for route in project.routes:
            use = _handler(project, route)
            if use is None or route.method == "GET":
                continue
            path = route.path or route.path_prefix or ""
            if not _WEBHOOK.search(path) and not _WEBHOOK.search(use.function.name):
                continue
            write = next(_writes(use), None)
            if write is not None and not _asks_for_proof(project, use):
                yield self.finding(
                    project,
                    route.path_location or route.location,
                    f"`{use.function.name}` does not ask who sends",
                    help="verify the signature of the sender before anything is written",
                    labels=(
                        label_at(
                            project, Location(use.module, write.method.span), "is run for anyone"
                        ),
                    ),
                )


def _handler(project: LinkedProject, route: LinkedRoute) -> FunctionUse | None:
    if route.handler is None:
        return None
    definition = route.handler.definition
    uses = module_functions(project, route.handler.module)
    return next((use for use in uses if use.function is definition), None)


def _writes(use: FunctionUse) -> Iterator[ContextCall]:
    for site in use.context_calls:
        if site.method.name in _WRITES:
            yield site


def _asks_for_proof(project: LinkedProject, use: FunctionUse) -> bool:
    waiting, seen = [use], {id(use)}
    while waiting:
        current = waiting.pop()
        if any(_PROOF.search(word) for word in _words(current)):
            return True
        for call in mentions(project, current).calls:
            inner = function_use(project, call.module, call.name)
            if inner is not None and id(inner) not in seen:
                seen.add(id(inner))
                waiting.append(inner)
    return False


def _words(use: FunctionUse) -> Iterator[str]:
    for node in use.nodes:
        match node:
            case Name(id=word) | Attribute(name=word) | Constant(value=str() as word):
                yield word
            case _:
                pass
