"""HTT007."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.flow import falls_off
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.summary.expressions import Constant, Dict, FormattedString, List

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.span import Span


class MissingResponse(Rule):
    """An HTTP action can end without a response.

    ## What it does

    Finds HTTP actions that can end without `return`, that return nothing, or that return text, a
    dict or a list instead of a `Response`.

    ## Why is this bad?

    The backend has nothing to send: the caller gets status 500.

    ## Example

    ```python
    # convex/http.py
    from convexity.server import http_router
    from starlette.requests import Request
    from starlette.responses import Response

    from ._generated.server import ActionCtx, http_action

    http = http_router()


    @http.route(path="/ping", method="GET")
    @http_action
    async def ping(ctx: ActionCtx, request: Request) -> Response:
        if request.headers.get("accept"):
            return Response("pong")
    ```

    ## Use instead

    ```python
    # convex/http.py
    from convexity.server import http_router
    from starlette.requests import Request
    from starlette.responses import Response

    from ._generated.server import ActionCtx, http_action

    http = http_router()


    @http.route(path="/ping", method="GET")
    @http_action
    async def ping(ctx: ActionCtx, request: Request) -> Response:
        if request.headers.get("accept"):
            return Response("pong")
        return Response("", status_code=406)
    ```

    ## References

    - Convex guidelines, *Http endpoint syntax*: an HTTP action returns a `Response`.
    """

    name = "missing-response"
    code = "HTT007"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the ways out of every HTTP action."""
        for use in functions(project):
            if use.registered is None or not use.registered.is_http:
                continue
            for span, problem in _faults(project, use):
                yield self.finding(
                    project,
                    Location(use.module, span),
                    problem,
                    help="return a `Response` on every path",
                )


def _faults(project: LinkedProject, use: FunctionUse) -> Iterator[tuple[Span, str]]:
    for statement in use.returns:
        match statement.value:
            case None | Constant(value=None):
                yield statement.span, "the HTTP action returns nothing"
            case Constant() | FormattedString() | Dict() | List() as value:
                yield value.span, "this is no `Response`"
            case _:
                pass
    if falls_off(project, use):
        yield use.function.name_span, f"`{use.function.name}` can end without a response"
