"""HTT003."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule, label_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject, LinkedRoute, Location


class DuplicateRoute(Rule):
    """Two routes take the same requests.

    ## What it does

    Finds routes with the same method and the same path or prefix, mounted components with the same
    `http_prefix`, and those whose `http_prefix` is the prefix of a route.

    ## Why is this bad?

    Only one of them could answer.

    ## Example

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


    @http.route(path="/echo", method="POST")
    @http_action
    async def reply(ctx: ActionCtx, request: Request) -> Response: ...
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


    @http.route(path="/reply", method="POST")
    @http_action
    async def reply(ctx: ActionCtx, request: Request) -> Response: ...
    ```

    ## References

    - `src/server/router.ts` of get-convex/convex-js;
      [the language, *HTTP*](../reference/language.md#http).
    """

    name = "duplicate-route"
    code = "HTT003"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look for routes that come twice."""
        seen: dict[tuple[str, str | None, str | None], LinkedRoute] = {}
        for route in project.routes:
            if route.method is None or (route.path is None and route.path_prefix is None):
                continue
            first = seen.setdefault((route.method, route.path, route.path_prefix), route)
            if first is not route:
                shown = route.path if route.path is not None else f"{route.path_prefix}*"
                yield self.finding(
                    project,
                    route.path_location or route.location,
                    f"`{route.method} {shown}` is declared twice",
                    help="give each route a method and path of its own",
                    labels=(
                        label_at(project, first.path_location or first.location, "the first one"),
                    ),
                )
        yield from self._mounts(project)

    def _mounts(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look for components that are mounted where something else answers."""
        mounts = [mount for mount in project.mounts if mount.http_prefix is not None]
        facts = project.facts("http") if mounts else None
        taken: dict[str, Location] = {}
        for route in () if facts is None else facts.routes:
            if route.path_prefix is not None:
                taken.setdefault(route.path_prefix, route.path_location or route.location)
        for mount in mounts:
            location = mount.http_prefix_location
            first = taken.setdefault(mount.http_prefix or "", location)
            if first is not location:
                yield self.finding(
                    project,
                    location,
                    f"`{mount.http_prefix}` is the prefix of something else too",
                    help="give each component and each route a prefix of its own",
                    labels=(label_at(project, first, "the first one"),),
                )
