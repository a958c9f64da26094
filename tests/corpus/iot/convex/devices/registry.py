"""The devices there are."""

import hashlib
from typing import Literal

from convexity.values import ConvexError, Int64, to_millis, v

from .. import schema as tables
from .._generated.data_model import (
    Devices,
    DevicesDoc,
    DevicesFirmware,
    DevicesLimitsValue,
    Id,
    Sites,
    SitesDoc,
)
from .._generated.server import (
    MutationCtx,
    QueryCtx,
    internal_mutation,
    mutation,
    query,
)
from .helpers import require_person

OnlineState = Literal["online", "offline"]
_device = tables.schema.doc("devices")
_limits = v.object(low=v.number(), high=v.number())


@mutation(args={"name": v.string(), "timezone": v.string()}, returns=tables.schema.id("sites"))
async def add_site(ctx: MutationCtx, name: str, timezone: str) -> Id[Sites]:
    """Open a site."""
    await require_person(ctx)
    return await ctx.db.insert("sites", {"name": name, "timezone": timezone})


@query(args={}, returns=v.array(tables.schema.doc("sites")))
async def sites(ctx: QueryCtx) -> list[SitesDoc]:
    """The first hundred sites."""
    await require_person(ctx)
    return await ctx.db.query("sites").take(100)


@mutation(
    args={"serial": v.string(), "site": v.id("sites"), "key": v.string()},
    returns=v.id("devices"),
)
async def enrol(ctx: MutationCtx, serial: str, site: Id[Sites], key: str) -> Id[Devices]:
    """Let a device in."""
    await require_person(ctx)
    same = await ctx.db.query("devices").with_index("by_serial").eq("serial", serial).first()
    if same is not None:
        raise ConvexError({"code": "known_serial", "device": same["_id"]})
    return await ctx.db.insert(
        "devices",
        {
            "serial": serial,
            "keyHash": hashlib.sha256(key.encode()).hexdigest(),
            "site": site,
            "firmware": {"version": "0.0.0", "build": Int64(0)},
            "limits": {},
            "state": "offline",
        },
    )


@mutation(
    args={
        "device": v.id("devices"),
        "metric": v.string(),
        "limits": v.nullable(_limits),
    },
    returns=v.null(),
)
async def set_limits(
    ctx: MutationCtx, device: Id[Devices], metric: str, limits: DevicesLimitsValue | None
) -> None:
    """Set or clear the limits of a metric."""
    await require_person(ctx)
    found = await ctx.db.get(device)
    if found is None:
        raise ConvexError({"code": "no_device"})
    known = found["limits"]
    if limits is None:
        known.pop(metric, None)
    else:
        known[metric] = limits
    await ctx.db.patch(device, {"limits": known})


@internal_mutation(
    args={"device": v.id("devices"), "firmware": v.object(version=v.string(), build=v.int64())},
    returns=v.boolean(),
)
async def report_firmware(ctx: MutationCtx, device: Id[Devices], firmware: DevicesFirmware) -> bool:
    """Note the firmware of a device; returns whether it is newer."""
    found = await ctx.db.get(device)
    if found is None or found["firmware"]["build"] >= firmware["build"]:
        return False
    await ctx.db.patch(device, {"firmware": firmware})
    return True


@query(
    args={"site": v.id("sites"), "state": v.optional(v.literal("online", "offline"))},
    returns=v.array(_device),
)
async def of_site(
    ctx: QueryCtx, site: Id[Sites], state: OnlineState = "online"
) -> list[DevicesDoc]:
    """Devices of a site in a state."""
    await require_person(ctx)
    devices = ctx.db.query("devices").with_index("by_site_and_state").eq("site", site)
    found = await devices.take(500)
    return [device for device in found if device["state"] == state]


@internal_mutation(args={"before": v.number()}, returns=v.number())
async def mark_silent(ctx: MutationCtx, before: float) -> int:
    """Mark devices offline that were last heard of before a time."""
    silent = (
        await ctx.db.query("devices")
        .with_index("by_state_and_seenAt")
        .eq("state", "online")
        .lt("seenAt", before)
        .take(200)
    )
    for device in silent:
        await ctx.db.patch(device["_id"], {"state": "offline"})
    return len(silent)


@internal_mutation(args={}, returns=v.null())
async def sweep(ctx: MutationCtx) -> None:
    """Mark devices offline that were silent for ten minutes."""
    horizon = to_millis(ctx.now()) - 600_000
    async for device in (
        ctx.db.query("devices")
        .with_index("by_state_and_seenAt")
        .eq("state", "online")
        .lt("seenAt", horizon)
    ):
        await ctx.db.patch(device["_id"], {"state": "offline"})


@mutation(args={"device": v.id("devices")}, returns=v.null())
async def retire(ctx: MutationCtx, device: Id[Devices]) -> None:
    """Never listen to a device again."""
    await require_person(ctx)
    await ctx.db.patch(device, {"state": "retired"})
