"""Alerts, and telling people of them."""

import asyncio

import httpx
from convexity.values import ConvexError, v

from . import names
from ._generated.api import internal
from ._generated.data_model import Alerts, AlertsDoc, Id
from ._generated.server import (
    ActionCtx,
    MutationCtx,
    QueryCtx,
    env,
    internal_action,
    internal_query,
    mutation,
    query,
)
from .devices.helpers import require_person
from .schema import schema


@query(args={}, returns=v.array(schema.doc(names.ALERTS)))
async def waiting(ctx: QueryCtx) -> list[AlertsDoc]:
    """Alerts that nobody saw."""
    await require_person(ctx)
    alerts = ctx.db.query(names.ALERTS).with_index("by_acknowledgedBy")
    return await alerts.eq("acknowledgedBy", None).order("desc").take(100)


@mutation(args={"alerts": v.array(v.id("alerts"))}, returns=v.number())
async def acknowledge(ctx: MutationCtx, alerts: list[Id[Alerts]]) -> int:
    """Say that one saw alerts; returns how many were waiting."""
    person = await require_person(ctx)
    found = await ctx.db.get_many(alerts)
    waiting = [alert for alert in found if alert is not None and alert["acknowledgedBy"] is None]
    await asyncio.gather(
        *(ctx.db.patch(alert["_id"], {"acknowledgedBy": person}) for alert in waiting)
    )
    return len(waiting)


@internal_query(args={"alert": v.id("alerts")}, returns=v.string())
async def describe(ctx: QueryCtx, alert: Id[Alerts]) -> str:
    """An alert in words."""
    found = await ctx.db.get(alert)
    if found is None:
        raise ConvexError({"code": "no_alert"})
    device = await ctx.db.get(found["device"])
    serial = device["serial"] if device else "an unknown device"
    return f"{found['metric']} of {serial} is {found['value']:g}"


@internal_action(args={"alert": v.id("alerts")}, returns=v.boolean())
async def tell(ctx: ActionCtx, alert: Id[Alerts]) -> bool:
    """Post an alert to the pager; returns whether that worked."""
    text = await ctx.run_query(internal.alerts.describe, alert=alert)
    url = env.PAGER_URL
    if url is None:
        print(text)
        return False
    async with httpx.AsyncClient() as client:
        answer = await client.post(url, json={"text": text})
    return answer.is_success
