"""Readings: written by devices, read by people."""

import typing as t
from datetime import timedelta

import convexity.server as cx
import convexity.values as cv

from .. import schema as tables
from .._generated import api as refs
from .._generated import data_model as dm
from .._generated import server as srv
from ..devices import helpers as devices
from . import frames

v = cv.v
schema = tables.schema


class Sample(t.TypedDict):
    """A reading as JSON."""

    metric: frames.Metric
    value: float
    at: t.NotRequired[float]


async def _store(
    ctx: srv.MutationCtx, device: dm.DevicesDoc, sample: Sample, raw: bytes | None = None
) -> None:
    at = sample.get("at", cv.to_millis(ctx.now()))
    fields: dm.ReadingsFields = {
        "device": device["_id"],
        "at": at,
        "metric": sample["metric"],
        "value": sample["value"],
    }
    if raw is not None:
        fields["raw"] = raw
    await ctx.db.insert("readings", fields)
    limits = device["limits"].get(sample["metric"])
    if limits is not None and not limits["low"] <= sample["value"] <= limits["high"]:
        await ctx.db.insert(
            "alerts",
            {
                "device": device["_id"],
                "at": at,
                "metric": sample["metric"],
                "value": sample["value"],
                "acknowledgedBy": None,
            },
        )


@srv.internal_mutation(
    args={"keyHash": v.string(), "packet": v.bytes()},
    returns=v.object(stored=v.number(), device=v.nullable(v.id("devices"))),
)
async def take_packet(
    ctx: srv.MutationCtx, keyHash: str, packet: bytes
) -> dm.IngestReadingsTakePacketResult:
    """Store the frames of a packet."""
    device = await devices.by_key(ctx, keyHash)
    if device is None:
        return {"stored": 0, "device": None}
    stored = 0
    for frame in frames.parse(packet):
        await _store(ctx, device, {"metric": frame.metric, "value": frame.value}, raw=packet)
        stored += 1
    await devices.touch(ctx, device)
    return {"stored": stored, "device": device["_id"]}


@srv.internal_mutation(
    args={"keyHash": v.string(), "samples": v.array(v.object(Sample))}, returns=v.number()
)
async def take_samples(ctx: srv.MutationCtx, keyHash: str, samples: list[Sample]) -> int:
    """Store readings that came as JSON."""
    device = await devices.require_key(ctx, keyHash)
    for sample in samples:
        await _store(ctx, device, sample)
    await devices.touch(ctx, device)
    return len(samples)


@srv.query(
    args={
        "device": v.id("devices"),
        "since": v.number(),
        "until": v.optional(v.number()),
    },
    returns=v.array(schema.doc("readings")),
)
async def between(
    ctx: srv.QueryCtx, device: dm.Id[dm.Devices], since: float, until: float | None = None
) -> list[dm.ReadingsDoc]:
    """Readings of a device in a span of time, at most a thousand."""
    await devices.require_person(ctx)
    newer = (
        ctx.db.query("readings")
        .with_index("by_device_and_at")
        .eq("device", device)
        .gte("at", since)
    )
    chosen = newer if until is None else newer.lt("at", until)
    return await chosen.order("asc").take(1000)


@srv.query(
    args={"device": v.id("devices"), "opts": cx.pagination_opts_validator},
    returns=cx.pagination_result_validator(schema.doc("rollups")),
)
async def history(
    ctx: srv.QueryCtx, device: dm.Id[dm.Devices], opts: cx.PaginationOptions
) -> cx.PaginationResult[dm.RollupsDoc]:
    """Rollups of a device, the newest first."""
    await devices.require_person(ctx)
    rollups = ctx.db.query("rollups").with_index("by_device_and_at").eq("device", device)
    return await rollups.order("desc").paginate(opts)


@srv.query(args={"device": v.id("devices")}, returns=v.nullable(schema.doc("readings")))
async def latest(ctx: srv.QueryCtx, device: dm.Id[dm.Devices]) -> dm.ReadingsDoc | None:
    """The newest reading of a device."""
    readings = ctx.db.query("readings").with_index("by_device_and_at").eq("device", device)
    return await readings.order("desc").first()


@srv.internal_mutation(args={"olderThanDays": v.number(), "batch": v.number()}, returns=v.number())
async def expire(ctx: srv.MutationCtx, olderThanDays: float, batch: int) -> int:
    """Delete old readings, and go on later when there are more."""
    horizon = cv.to_millis(ctx.now() - timedelta(days=olderThanDays))
    old = await ctx.db.query("readings").with_index("by_at").lt("at", horizon).take(batch)
    for reading in old:
        await ctx.db.delete(reading["_id"])
    if len(old) == batch:
        await ctx.scheduler.run_after(
            timedelta(seconds=5),
            refs.internal.ingest.readings.expire,
            olderThanDays=olderThanDays,
            batch=batch,
        )
    return len(old)
