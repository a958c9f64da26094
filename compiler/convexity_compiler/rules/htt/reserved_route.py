"""HTT004."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject

_RESERVED: Final = "/.files"


class ReservedRoute(Rule):
    """A route lies where the backend serves files.

    ## What it does

    Finds paths and prefixes that begin with `/.files`, those of mounted components too.

    ## Why is this bad?

    The backend keeps them for its file storage: the router refuses the route.

    ## Example

    ```python
    # convex/http.py
    from convexity.server import http_router
    from starlette.requests import Request
    from starlette.responses import Response

    from ._generated.server import ActionCtx, http_action

    http = http_router()


    @http.route(path="/.files/latest", method="GET")
    @http_action
    async def latest(ctx: ActionCtx, request: Request) -> Response:
        return Response("")
    ```

    ## Use instead

    ```python
    # convex/http.py
    from convexity.server import http_router
    from starlette.requests import Request
    from starlette.responses import Response

    from ._generated.server import ActionCtx, http_action

    http = http_router()


    @http.route(path="/files/latest", method="GET")
    @http_action
    async def latest(ctx: ActionCtx, request: Request) -> Response:
        return Response("")
    ```

    ## References

    - [Wire protocol, *Routes*](../reference/wire-protocol.md#52-routes).
    """

    name = "reserved-route"
    code = "HTT004"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the path of every route."""
        routes = (
            (route.path or route.path_prefix or "", route.path_location or route.location)
            for route in project.routes
        )
        mounts = ((mount.http_prefix or "", mount.http_prefix_location) for mount in project.mounts)
        for path, location in (*routes, *mounts):
            if path.startswith(_RESERVED):
                yield self.finding(
                    project,
                    location,
                    f"`{path}` is where the backend serves files",
                    help="choose another path, such as `/files/`",
                )
