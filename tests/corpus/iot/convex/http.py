"""Where devices send readings to."""

import hashlib
import hmac

from convexity import server as cx
from convexity.values import v
from starlette import requests, responses

from ._generated import api as refs
from ._generated import server as srv
from .ingest import FrameError

V1 = "/v1"

http = cx.http_router()


def _key_hash(request: requests.Request) -> str:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return hashlib.sha256(key.encode()).hexdigest() if scheme.lower() == "bearer" else ""


@http.route(path=f"{V1}/packets", method="POST")
@srv.http_action
async def packets(ctx: srv.ActionCtx, request: requests.Request) -> responses.Response:
    """Take a binary packet."""
    try:
        result = await ctx.run_mutation(
            refs.internal.ingest.readings.take_packet,
            keyHash=_key_hash(request),
            packet=await request.body(),
        )
    except FrameError as problem:
        return responses.PlainTextResponse(str(problem), status_code=400)
    return responses.JSONResponse(result, status_code=202 if result["device"] else 401)


@http.route(path=f"{V1}/samples", method="POST")
@srv.http_action
async def samples(ctx: srv.ActionCtx, request: requests.Request) -> responses.Response:
    """Take readings as JSON."""
    body = v.array(
        v.object(
            metric=v.literal("temperature", "humidity", "pressure"),
            value=v.number(),
            at=v.optional(v.number()),
        )
    ).validate(await request.json())
    stored = await ctx.run_mutation(
        refs.internal.ingest.readings.take_samples, keyHash=_key_hash(request), samples=body
    )
    return responses.JSONResponse({"stored": stored})


@http.route(path_prefix="/gateway/", method="GET")
@srv.http_action
async def gateway(ctx: srv.ActionCtx, request: requests.Request) -> responses.Response:
    """Tell a gateway the time, if it knows the token."""
    given = request.headers.get("x-gateway-token", "")
    if not hmac.compare_digest(given, srv.env.GATEWAY_TOKEN):
        return responses.Response(status_code=403)
    return responses.PlainTextResponse(ctx.now().isoformat())
