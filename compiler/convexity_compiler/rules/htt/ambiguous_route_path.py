"""HTT002."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class AmbiguousRoutePath(Rule):
    """A route has both a path and a prefix, or neither.

    ## What it does

    Finds routes that do not have exactly one of `path` and `path_prefix`.

    ## Why is this bad?

    A path is taken exactly, a prefix with everything below it. With both it is not clear which
    holds, with neither there is nothing to take.

    ## Example

    ```python
    # convex/http.py
    from convexity.server import http_router
    from starlette.requests import Request
    from starlette.responses import Response

    from ._generated.server import ActionCtx, http_action

    http = http_router()


    @http.route(path="/files", path_prefix="/files/", method="GET")
    @http_action
    async def files(ctx: ActionCtx, request: Request) -> Response: ...
    ```

    ## Use instead

    ```python
    # convex/http.py
    from convexity.server import http_router
    from starlette.requests import Request
    from starlette.responses import Response

    from ._generated.server import ActionCtx, http_action

    http = http_router()


    @http.route(path_prefix="/files/", method="GET")
    @http_action
    async def files(ctx: ActionCtx, request: Request) -> Response: ...
    ```

    ## References

    - `src/server/router.ts` of get-convex/convex-js;
      [the language, *HTTP*](../reference/language.md#http).
    """

    name = "ambiguous-route-path"
    code = "HTT002"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every route of which all is known."""
        for route in project.routes:
            has_both = route.path is not None and route.path_prefix is not None
            has_neither = route.path is None and route.path_prefix is None
            if has_both or (has_neither and route.is_resolved):
                yield self.finding(
                    project,
                    route.location,
                    "the route has both a path and a prefix"
                    if has_both
                    else "the route has neither a path nor a prefix",
                    help='give exactly one: `path="/echo"`, or `path_prefix="/files/"`',
                )
