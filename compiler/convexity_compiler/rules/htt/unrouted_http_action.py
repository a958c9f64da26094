"""HTT010."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.special_files import HTTP
from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class UnroutedHttpAction(Rule):
    """No route leads to an HTTP action.

    ## What it does

    Finds functions decorated with `@http_action` that no route of http.py names.

    ## Why is this bad?

    HTTP actions have no reference and no path of their own: nothing can call one without a route.

    ## Example

    ```python
    # convex/http.py
    from convexity.server import http_router
    from starlette.requests import Request
    from starlette.responses import Response

    from ._generated.server import ActionCtx, http_action

    http = http_router()


    @http_action
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

    name = "unrouted-http-action"
    code = "HTT010"
    category = "suspicious"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Compare the HTTP actions with the routes."""
        router = project.facts(HTTP.module) if project.http_actions else None
        export = None if router is None else router.special_export
        if export is not None and not export.found and export.candidate is not None:
            return  # The routes are those of a router under another name.
        routed = {
            (route.handler.module, route.handler.definition.name)
            for route in (router.routes if router is not None else ())
            if route.handler is not None
        }
        for action in project.http_actions:
            if (action.module, action.definition.name) not in routed:
                yield self.finding(
                    project,
                    action.location,
                    f"no route leads to `{action.definition.name}`",
                    help='add `@http.route(path="...", method="...")` in http.py, or remove it',
                )
