"""HTT001."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject, Location


class PathWithoutSlash(Rule):
    """The path of a route does not begin with a slash.

    ## What it does

    Finds paths and prefixes that do not begin with `/`, and prefixes that do not end with one;
    `http_prefix` of a mounted component is such a prefix.

    ## Why is this bad?

    Paths of requests begin with a slash, so that such a route would never be taken; a prefix ends
    at a slash, so that `/files/` does not take `/filesystem`.

    ## Example

    ```python
    # convex/http.py
    from convexity.server import http_router
    from starlette.requests import Request
    from starlette.responses import Response

    from ._generated.server import ActionCtx, http_action

    http = http_router()


    @http.route(path="echo", method="POST")
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

    The fix adds the slash where the path is a plain literal, and is safe: without it the route does
    not exist.

    ## References

    - `src/server/router.ts` of get-convex/convex-js;
      [the language, *HTTP*](../reference/language.md#http).
    """

    name = "path-without-slash"
    code = "HTT001"
    fixable = True
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the path or prefix of every route."""
        for route in project.routes:
            location = route.path_location or route.location
            is_one = route.path is None or route.path_prefix is None
            for path, is_prefix in ((route.path, False), (route.path_prefix, True)):
                yield from self._findings(
                    project, path, location, is_prefix=is_prefix, is_fixable=is_one
                )
        for mount in project.mounts:
            location = mount.http_prefix_location
            yield from self._findings(
                project, mount.http_prefix, location, is_prefix=True, is_fixable=True
            )

    def _findings(
        self,
        project: LinkedProject,
        path: str | None,
        location: Location,
        *,
        is_prefix: bool,
        is_fixable: bool,
    ) -> Iterator[Diagnostic]:
        if path is None:
            return
        wanted = _with_slashes(path, is_prefix=is_prefix)
        if wanted == path:
            return
        name = "prefix" if is_prefix else "path"
        rule = "begins and ends" if is_prefix else "begins"
        yield self.finding(
            project,
            location,
            f"the {name} `{path}` lacks a slash",
            help=f"a {name} {rule} with a slash: write `{wanted}`",
            fix=_fix(project, location, path, wanted) if is_fixable else None,
        )


def _with_slashes(path: str, *, is_prefix: bool) -> str:
    begun = path if path.startswith("/") else f"/{path}"
    return f"{begun}/" if is_prefix and not begun.endswith("/") else begun


def _fix(project: LinkedProject, place: Location, path: str, wanted: str) -> Fix | None:
    source = project.text_of(place)
    if source not in (f'"{path}"', f"'{path}'"):
        return None
    text = f"{source[0]}{wanted}{source[0]}"
    edit = replace_text(project, place.module, place.span, text)
    return Fix(title=f"write `{wanted}`", applicability="safe", edits=(edit,))
