"""HTT006."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class HandlerNotHttpAction(Rule):
    """A route is answered by something that is not an HTTP action.

    ## What it does

    Finds routes without a handler, and handlers that are not functions decorated with
    `@http_action`.

    ## Why is this bad?

    Only an HTTP action takes a request and gives a response. The router refuses anything else.

    ## Example

    ```python
    # convex/http.py
    from convexity.server import http_router
    from starlette.requests import Request
    from starlette.responses import Response

    from ._generated.server import ActionCtx, http_action

    http = http_router()


    @http.route(path="/echo", method="POST")
    async def echo(ctx: ActionCtx, request: Request) -> Response: ...
    ```

    ## Use instead

    ```python
    # convex/http.py
    from convexity.server import http_router
    from starlette.requests import Request
    from starlette.responses import Response

    from ._generated.server import ActionCtx, http_action

    http = http_router()


    @http.route(path="/echo", method="POST")
    @http_action
    async def echo(ctx: ActionCtx, request: Request) -> Response: ...
    ```

    ## References

    - Convex guidelines, *Http endpoint syntax*.
    """

    name = "handler-not-http-action"
    code = "HTT006"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the handler of every route."""
        for route in project.routes:
            if route.handler is not None or not route.is_resolved:
                continue
            given = route.handler_expression
            if given is None:
                yield self.finding(
                    project,
                    route.location,
                    "the route is not answered by an HTTP action",
                    help="write `@http_action` on the line below, or pass `handler=`",
                )
            else:
                place = Location(route.location.module, given.span)
                yield self.finding(
                    project,
                    place,
                    f"`{' '.join(project.text_of(place).split())}` is not an HTTP action",
                    help="decorate the handler with `@http_action`, at the top level of its module",
                )
