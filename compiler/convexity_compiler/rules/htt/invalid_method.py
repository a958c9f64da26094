"""HTT005."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.http_methods import HttpMethod
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject, LinkedRoute

_METHODS = get_args(HttpMethod)


class InvalidMethod(Rule):
    """A route has a method that no request can be routed by.

    ## What it does

    Finds routes without a method, and methods that are not one of GET, POST, PUT, DELETE, PATCH and
    OPTIONS, in capitals. GET routes answer HEAD too.

    ## Why is this bad?

    Such a route would never be taken.

    ## Example

    ```python
    # convex/http.py
    from convexity.server import http_router
    from starlette.requests import Request
    from starlette.responses import Response

    from ._generated.server import ActionCtx, http_action

    http = http_router()


    @http.route(path="/echo", method="post")
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

    ## Fix safety

    The fix writes a method in capitals, and is safe.

    ## References

    - `src/server/router.ts` of get-convex/convex-js;
      [the language, *HTTP*](../reference/language.md#http).
    """

    name = "invalid-method"
    code = "HTT005"
    fixable = True
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the method of every route."""
        for route in project.routes:
            if route.method in _METHODS or (route.method is None and route.method_location):
                continue  # a method that is no string is reported where it was evaluated
            if route.method is None:
                if route.is_resolved:
                    help_text = 'write `method="GET"`, or another of the methods'
                    yield self.finding(
                        project, route.location, "the route has no method", help=help_text
                    )
                continue
            yield self.finding(
                project,
                route.method_location or route.location,
                f"`{route.method}` is no method that can be routed",
                help=f"write one of {', '.join(_METHODS)}",
                fix=_fix(project, route, route.method),
            )


def _fix(project: LinkedProject, route: LinkedRoute, method: str) -> Fix | None:
    place = route.method_location
    if place is None or method.upper() not in _METHODS:
        return None
    source = project.text_of(place)
    if source not in (f'"{method}"', f"'{method}'"):
        return None
    edit = replace_text(project, place.module, place.span, source.upper())
    return Fix(title=f"write `{method.upper()}`", applicability="safe", edits=(edit,))
