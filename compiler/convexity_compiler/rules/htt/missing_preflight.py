"""HTT011."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.walk import nodes
from convexity_compiler.summary.expressions import Constant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject, LinkedRoute
    from convexity_compiler.summary.expressions import Expr

_HEADER: Final = "access-control-allow-origin"
_PREFLIGHT: Final = "OPTIONS"


class MissingPreflight(Rule):
    """A route allows other origins and has no answer to their first question.

    ## What it does

    Finds handlers of routes that write the header `Access-Control-Allow-Origin`, where no route
    answers `OPTIONS` for the same path. It runs when it is selected.

    ## Why is this bad?

    Before a browser sends anything but the simplest requests to another origin, it asks with
    `OPTIONS`. Without an answer it does not send the request.

    ## Example

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["missing-preflight"]

    # convex/http.py
    from convexity.server import http_router
    from starlette.requests import Request
    from starlette.responses import Response

    from ._generated.server import ActionCtx, http_action

    http = http_router()


    @http.route(path="/send", method="POST")
    @http_action
    async def send(ctx: ActionCtx, request: Request) -> Response:
        return Response("", headers={"Access-Control-Allow-Origin": "https://example.com"})
    ```

    ## Use instead

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["missing-preflight"]

    # convex/http.py
    from convexity.server import http_router
    from starlette.requests import Request
    from starlette.responses import Response

    from ._generated.server import ActionCtx, http_action

    http = http_router()
    HEADERS = {"Access-Control-Allow-Origin": "https://example.com"}


    @http.route(path="/send", method="OPTIONS")
    @http_action
    async def ask(ctx: ActionCtx, request: Request) -> Response:
        return Response("", headers=HEADERS | {"Access-Control-Allow-Methods": "POST"})


    @http.route(path="/send", method="POST")
    @http_action
    async def send(ctx: ActionCtx, request: Request) -> Response:
        return Response("", headers={"Access-Control-Allow-Origin": "https://example.com"})
    ```

    ## References

    - Convex docs, *HTTP actions*, CORS.
    - MDN, *Preflight request*.
    """

    name = "missing-preflight"
    code = "HTT011"
    category = "suspicious"
    severity = "info"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the handlers of the routes."""
        if not all(route.is_resolved for route in project.routes):
            return
        answered = [route for route in project.routes if route.method == _PREFLIGHT]
        for route in project.routes:
            if route.method in (_PREFLIGHT, None) or any(
                _covers(entry, route) for entry in answered
            ):
                continue
            header = _header(route)
            if header is not None and route.handler is not None:
                yield self.finding(
                    project,
                    Location(route.handler.module, header.span),
                    f"browsers ask `OPTIONS {route.path or route.path_prefix}` first, and nothing"
                    " answers",
                    help='add a route with `method="OPTIONS"` that returns the headers of CORS',
                )


def _header(route: LinkedRoute) -> Expr | None:
    if route.handler is None:
        return None
    for node in nodes(route.handler.definition):
        match node:
            case Constant(value=str() as text) if text.lower() == _HEADER:
                return node
            case _:
                pass
    return None


def _covers(answer: LinkedRoute, route: LinkedRoute) -> bool:
    wanted = route.path or route.path_prefix or ""
    if answer.path_prefix is not None:
        return wanted.startswith(answer.path_prefix)
    return answer.path == route.path and route.path is not None
