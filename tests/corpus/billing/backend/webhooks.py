"""What the provider told us."""

from typing import Any

from convexity.values import to_millis, v

from ._generated.api import internal
from ._generated.server import MutationCtx, internal_mutation
from .customers import by_email


@internal_mutation(
    args={"id": v.string(), "type": v.string(), "payload": v.any()}, returns=v.boolean()
)
async def receive(ctx: MutationCtx, id: str, type: str, payload: Any) -> bool:
    """Keep an event once; returns whether it is new."""
    known = (
        await ctx.db.query("events")
        .with_index("by_providerEventId")
        .eq("providerEventId", id)
        .first()
    )
    if known is not None:
        return False
    await ctx.db.insert(
        "events", {"providerEventId": id, "type": type, "payload": payload, "handledAt": None}
    )
    await ctx.scheduler.run_after(0, internal.webhooks.handle_pending)
    return True


@internal_mutation(args={}, returns=v.null())
async def handle_pending(ctx: MutationCtx) -> None:
    """Work on the oldest events that nobody handled."""
    pending = await ctx.db.query("events").with_index("by_handledAt").eq("handledAt", None).take(20)
    for event in pending:
        match event["type"]:
            case "customer.deleted":
                customer = await by_email(ctx, str(event["payload"].get("email")))
                if customer is not None:
                    await ctx.db.delete(customer["_id"])
            case "dispute" | "charge.disputed":
                print("dispute", event["providerEventId"])
            case other:
                print("ignored", other)
        await ctx.db.patch(event["_id"], {"handledAt": to_millis(ctx.now())})
