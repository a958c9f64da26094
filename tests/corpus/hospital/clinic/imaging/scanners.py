"""The scanners of the hospital."""

from typing import Final

from convexity.server import PaginationOptions, PaginationResult
from convexity.server import pagination_opts_validator as page_options
from convexity.server import pagination_result_validator as page_of
from convexity.values import ConvexError, to_millis, v

from .._generated import data_model as model
from .._generated import server as convex
from ..lib.access import require_staff as staff_of
from ..schema import schema
from .states import ScannerState as State
from .states import scanner_state as state

STATES: Final[tuple[State, ...]] = ("up", "down")
_NEXT: Final[dict[State, tuple[State, ...]]] = {"up": ("down",), "down": ("up",)}
_doc = schema.doc("scanners")
_one = {"scannerId": v.id("scanners")}


async def _scanner(ctx: convex.QueryCtx, scanner_id: model.Id[model.Scanners]) -> model.ScannersDoc:
    await staff_of(ctx)
    found = await ctx.db.get(scanner_id)
    if found is None:
        raise ConvexError({"code": "no_scanner"})
    return found


@convex.mutation(args={"room": v.string(), "slots": v.number()}, returns=v.id("scanners"))
async def add(ctx: convex.MutationCtx, room: str, slots: float) -> model.Id[model.Scanners]:
    """Add a scanner."""
    await staff_of(ctx)
    return await ctx.db.insert(
        "scanners",
        {"room": room.strip(), "slots": slots, "installedAt": to_millis(ctx.now()), "state": "up"},
    )


@convex.query(args={"page": page_options}, returns=page_of(_doc))
async def listing(
    ctx: convex.QueryCtx, page: PaginationOptions
) -> PaginationResult[model.ScannersDoc]:
    """The scanners in pages, the newest first."""
    await staff_of(ctx)
    return await ctx.db.query("scanners").order("desc").paginate(page)


@convex.mutation(args={**_one, "to": state}, returns=v.null())
async def advance(ctx: convex.MutationCtx, scannerId: model.Id[model.Scanners], to: State) -> None:
    """Bring a scanner into another state."""
    scanner = await _scanner(ctx, scannerId)
    if to not in _NEXT[scanner["state"]]:
        raise ConvexError({"code": "bad_state", "from": scanner["state"], "to": to})
    await ctx.db.patch(scannerId, {"state": to})


@convex.query(args={}, returns=v.record(v.string(), v.number()))
async def counts(ctx: convex.QueryCtx) -> dict[str, float]:
    """How many scanners are in each state."""
    await staff_of(ctx)
    counts: dict[str, float] = {}
    for name in STATES:
        found = ctx.db.query("scanners").with_index("by_state")
        counts[name] = len(await found.eq("state", name).take(1000))
    return counts


@convex.query(args={}, returns=v.number())
async def total_slots(ctx: convex.QueryCtx) -> float:
    """The sum of slots."""
    await staff_of(ctx)
    total = 0.0
    async for scanner in ctx.db.query("scanners"):
        total += scanner["slots"]
    return total


@convex.mutation(
    args={**_one, "room": v.optional(v.string()), "slots": v.optional(v.number())}, returns=v.null()
)
async def update(
    ctx: convex.MutationCtx,
    scannerId: model.Id[model.Scanners],
    room: str | None = None,
    slots: float | None = None,
) -> None:
    """Change what is given of a scanner."""
    await _scanner(ctx, scannerId)
    changes: model.ScannersPatch = {}
    if room is not None:
        changes["room"] = room
    if slots is not None:
        changes["slots"] = slots
    await ctx.db.patch(scannerId, changes)
