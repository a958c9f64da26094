"""What other systems ask."""

from convexity.server import http_router
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ._generated.server import ActionCtx, http_action

http = http_router()


@http.route(path="/health", method="GET")
@http_action
async def health(ctx: ActionCtx, request: Request) -> Response:
    """Say that all is well."""
    return JSONResponse({"at": ctx.now().isoformat(), "path": request.url.path})
