"""What is deleted after its time."""

from datetime import timedelta
from typing import Final

from convexity.values import to_millis, v

from ._generated.api import internal
from ._generated.server import MutationCtx, internal_mutation

KEPT: Final = timedelta(days=400)


@internal_mutation(args={"limit": v.number()}, returns=v.null())
async def sweep(ctx: MutationCtx, limit: int) -> None:
    """Begin to delete what is too old."""
    before = to_millis(ctx.now() - KEPT)
    await ctx.scheduler.run_after(0, internal.care.vitals.expire, before=before, limit=limit)
    await ctx.scheduler.run_after(0, internal.staff.shifts.expire, before=before, limit=limit)
    await ctx.scheduler.run_after(0, internal.registry.consents.expire, before=before, limit=limit)
    await ctx.scheduler.run_after(0, internal.wards.stays.expire, before=before, limit=limit)
    await ctx.scheduler.run_after(0, internal.pharmacy.batches.expire, before=before, limit=limit)
