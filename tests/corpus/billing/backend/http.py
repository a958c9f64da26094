"""Webhooks and health."""

import json

from convexity.server import http_router
from convexity.values import ValidationError, v
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ._generated.api import internal
from ._generated.server import ActionCtx, env, http_action
from .providers.client import is_signed

http = http_router()

_event = v.object(id=v.string(), type=v.string(), data=v.any())


@http.route(path="/webhooks/provider", method="POST")
@http_action
async def provider_event(ctx: ActionCtx, request: Request) -> Response:
    """Take an event of the provider, if it is signed."""
    body = await request.body()
    if not is_signed(env.WEBHOOK_SECRET, body, request.headers.get("x-signature", "")):
        return Response("bad signature", status_code=401)
    try:
        event = _event.validate(json.loads(body))
    except (ValueError, ValidationError):
        return Response("bad event", status_code=400)
    fresh = await ctx.run_mutation(
        internal.webhooks.receive, id=event["id"], type=event["type"], payload=event["data"]
    )
    return JSONResponse({"fresh": fresh})


@http_action
async def health(ctx: ActionCtx, request: Request) -> Response:
    """Say in which mode this runs."""
    return JSONResponse({"mode": env.MODE or "test", "path": request.url.path})


http.route(path="/health", method="GET", handler=health)
