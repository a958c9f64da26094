"""Hourly rollups of readings."""

from collections import defaultdict
from datetime import timedelta

from convexity.values import to_millis, v

from ._generated.data_model import Devices, Id, ReadingsDoc
from ._generated.server import MutationCtx, internal_mutation
from .ingest.frames import Metric

HOUR = timedelta(hours=1)


@internal_mutation(args={"device": v.id("devices"), "start": v.number()}, returns=v.number())
async def roll_up(ctx: MutationCtx, device: Id[Devices], start: float) -> int:
    """Sum up an hour of a device; returns how many metrics it had."""
    end = start + HOUR.total_seconds() * 1000
    groups: defaultdict[Metric, list[ReadingsDoc]] = defaultdict(list)
    hour = (
        ctx.db.query("readings")
        .with_index("by_device_and_at")
        .eq("device", device)
        .gte("at", start)
        .lt("at", end)
    )
    async for reading in hour:
        groups[reading["metric"]].append(reading)
    for metric, readings in groups.items():
        values = [reading["value"] for reading in readings]
        await ctx.db.insert(
            "rollups",
            {
                "device": device,
                "at": start,
                "metric": metric,
                "count": len(values),
                "sum": sum(values),
                "min": min(values),
                "max": max(values),
            },
        )
    return len(groups)


@internal_mutation(args={}, returns=v.null())
async def last_hour(ctx: MutationCtx) -> None:
    """Sum up the last hour of every device that is online."""
    now = ctx.now().replace(minute=0, second=0, microsecond=0)
    start = to_millis(now - HOUR)
    online = ctx.db.query("devices").with_index("by_state_and_seenAt").eq("state", "online")
    async for device in online:
        readings = ctx.db.query("readings").with_index("by_device_and_at")
        first = await readings.eq("device", device["_id"]).gte("at", start).first()
        if first is None:
            continue
        await ctx.db.patch(device["_id"], {"seenAt": first["at"]})
