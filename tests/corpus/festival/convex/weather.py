"""The weather at the festival."""

from __future__ import annotations

from typing import Any

import httpx
from convexity.values import ConvexError, v

from ._generated.server import ActionCtx, internal_action

try:
    from orjson import loads
except ImportError:
    from json import loads  # type: ignore[assignment]


@internal_action(args={"place": v.string()}, returns=v.nullable(v.number()))
async def rain(ctx: ActionCtx, place: str) -> float | None:
    """How much rain is expected, in millimetres."""
    async with httpx.AsyncClient(timeout=10) as client:
        answer = await client.get("https://weather.example/v1", params={"place": place})
    if answer.status_code != 200:
        raise ConvexError({"code": "no_weather", "status": answer.status_code})
    found: dict[str, Any] = loads(answer.content)
    rain = found.get("rain")
    return float(rain) if isinstance(rain, int | float) else None
