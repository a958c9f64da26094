"""The lab devices of the hospital."""

from typing import Final, TypedDict

from convexity.server import (
    PaginationOptions,
    PaginationResult,
    pagination_opts_validator,
    pagination_result_validator,
)
from convexity.values import ConvexError, to_millis, v

from .._generated.data_model import Id, LabDevices, LabDevicesDoc
from .._generated.server import MutationCtx, QueryCtx, mutation, query
from ..lib import require_staff
from ..schema import schema
from .states import DeviceState as State
from .states import device_state as state

STATES: Final[tuple[State, ...]] = ("ready", "busy", "service")
_NEXT: Final[dict[State, tuple[State, ...]]] = {
    "ready": ("busy",),
    "busy": ("service",),
    "service": (),
}
_doc = schema.doc("lab_devices")


class DeviceLine(TypedDict):
    """What a list shows of a device."""

    id: Id[LabDevices]
    text: str
    at: float


async def _device(ctx: QueryCtx, device_id: Id[LabDevices]) -> LabDevicesDoc:
    await require_staff(ctx)
    found = await ctx.db.get(device_id)
    if found is None:
        raise ConvexError({"code": "no_device"})
    return found


@mutation(args={"model": v.string(), "capacity": v.number()}, returns=v.id("lab_devices"))
async def add(ctx: MutationCtx, model: str, capacity: float) -> Id[LabDevices]:
    """Add a device."""
    await require_staff(ctx)
    return await ctx.db.insert(
        "lab_devices",
        {
            "model": model.strip(),
            "capacity": capacity,
            "servicedAt": to_millis(ctx.now()),
            "state": "ready",
        },
    )


@mutation(args={"deviceId": v.id("lab_devices"), "to": state}, returns=v.null())
async def move(ctx: MutationCtx, deviceId: Id[LabDevices], to: State) -> None:
    """Bring a device into another state."""
    device = await _device(ctx, deviceId)
    if to not in _NEXT[device["state"]]:
        raise ConvexError({"code": "bad_state", "from": device["state"], "to": to})
    await ctx.db.patch(deviceId, {"state": to})


@query(
    args={"paginationOpts": pagination_opts_validator}, returns=pagination_result_validator(_doc)
)
async def listing(
    ctx: QueryCtx, paginationOpts: PaginationOptions
) -> PaginationResult[LabDevicesDoc]:
    """The lab devices in pages, the newest first."""
    await require_staff(ctx)
    return await ctx.db.query("lab_devices").order("desc").paginate(paginationOpts)


@mutation(args={"deviceId": v.id("lab_devices"), "model": v.string()}, returns=v.null())
async def rename(ctx: MutationCtx, deviceId: Id[LabDevices], model: str) -> None:
    """Change the model of a device."""
    device = await _device(ctx, deviceId)
    if not model.strip():
        raise ConvexError({"code": "empty", "field": "model"})
    if device["model"] != model:
        await ctx.db.patch(deviceId, {"model": model})


@query(args={}, returns=v.array(v.object(DeviceLine)))
async def overdue(ctx: QueryCtx) -> list[DeviceLine]:
    """The lab devices whose time has come."""
    await require_staff(ctx)
    passed = ctx.db.query("lab_devices").with_index("by_servicedAt")
    return [
        {"id": device["_id"], "text": device["model"], "at": device["servicedAt"]}
        for device in await passed.lt("servicedAt", to_millis(ctx.now())).take(50)
    ]


@query(args={}, returns=v.record(v.string(), v.number()))
async def counts(ctx: QueryCtx) -> dict[str, float]:
    """How many lab devices are in each state."""
    await require_staff(ctx)
    counts: dict[str, float] = {}
    for name in STATES:
        found = ctx.db.query("lab_devices").with_index("by_state")
        counts[name] = len(await found.eq("state", name).take(1000))
    return counts
