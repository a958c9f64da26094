"""Pages for those without JavaScript."""

from convexity.server import http_router
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ._generated.api import internal
from ._generated.server import ActionCtx, http_action

PREFIX = "/pages/"

http = http_router()


@http.route(path_prefix=PREFIX, method="GET")
@http_action
async def page(ctx: ActionCtx, request: Request) -> Response:
    """A page as HTML, or where it went."""
    slug = request.url.path.removeprefix(PREFIX)
    body = await ctx.run_query(internal.content.reading.rendered, slug=slug)
    if body is not None:
        return HTMLResponse(body, headers={"cache-control": "max-age=60"})
    target = await ctx.run_query(internal.content.reading.redirect_of, path=request.url.path)
    return RedirectResponse(target) if target else HTMLResponse("Not found", status_code=404)
