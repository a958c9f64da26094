"""The lab orders of the patients."""

from datetime import timedelta
from typing import Final, TypedDict

from convexity.values import ConvexError, to_millis, v

from .._generated.api import internal
from .._generated.data_model import Id, LabOrders, LabOrdersDoc, Patients
from .._generated.server import MutationCtx, QueryCtx, internal_mutation, mutation, query
from ..lib import require_staff
from ..schema import schema
from .states import OrderState as State
from .states import order_state as state

LATER = timedelta(hours=1)
STATES: Final[tuple[State, ...]] = ("ordered", "drawn", "reported", "cancelled")
_NEXT: Final[dict[State, tuple[State, ...]]] = {
    "ordered": ("drawn", "cancelled"),
    "drawn": ("reported", "cancelled"),
    "reported": ("cancelled",),
    "cancelled": (),
}
_doc = schema.doc("lab_orders")


class OrderLine(TypedDict):
    """What a list shows of an order."""

    id: Id[LabOrders]
    text: str
    at: float


async def _order(ctx: QueryCtx, order_id: Id[LabOrders]) -> LabOrdersDoc:
    await require_staff(ctx)
    found = await ctx.db.get(order_id)
    if found is None:
        raise ConvexError({"code": "no_order"})
    return found


@mutation(
    args={"patientId": v.id("patients"), "panel": v.string(), "urgency": v.number()},
    returns=v.id("lab_orders"),
)
async def place(
    ctx: MutationCtx, patientId: Id[Patients], panel: str, urgency: float
) -> Id[LabOrders]:
    """Place an order."""
    await require_staff(ctx)
    if await ctx.db.get(patientId) is None:
        raise ConvexError({"code": "no_patient"})
    return await ctx.db.insert(
        "lab_orders",
        {
            "patientId": patientId,
            "panel": panel.strip(),
            "urgency": urgency,
            "orderedAt": to_millis(ctx.now()),
            "state": "ordered",
        },
    )


@query(args={"orderId": v.id("lab_orders")}, returns=_doc)
async def get(ctx: QueryCtx, orderId: Id[LabOrders]) -> LabOrdersDoc:
    """One order."""
    return await _order(ctx, orderId)


@query(args={"patientId": v.id("patients")}, returns=v.array(_doc))
async def of_patient(ctx: QueryCtx, patientId: Id[Patients]) -> list[LabOrdersDoc]:
    """The lab orders of a patient, the newest first."""
    await require_staff(ctx)
    found = (
        ctx.db.query("lab_orders")
        .with_index("by_patientId_and_orderedAt")
        .eq("patientId", patientId)
    )
    return await found.order("desc").take(50)


@mutation(args={"orderId": v.id("lab_orders"), "to": state}, returns=v.null())
async def move(ctx: MutationCtx, orderId: Id[LabOrders], to: State) -> None:
    """Bring an order into another state."""
    order = await _order(ctx, orderId)
    if to not in _NEXT[order["state"]]:
        raise ConvexError({"code": "bad_state", "from": order["state"], "to": to})
    await ctx.db.patch(orderId, {"state": to})


@query(args={"patientId": v.id("patients"), "state": state}, returns=v.array(_doc))
async def in_state(ctx: QueryCtx, patientId: Id[Patients], state: State) -> list[LabOrdersDoc]:
    """The newest lab orders in a state."""
    await require_staff(ctx)
    return (
        await ctx.db.query("lab_orders")
        .with_index("by_patientId_and_state")
        .eq("patientId", patientId)
        .eq("state", state)
        .order("desc")
        .take(100)
    )


@query(args={"patientId": v.id("patients")}, returns=v.array(v.object(OrderLine)))
async def overdue(ctx: QueryCtx, patientId: Id[Patients]) -> list[OrderLine]:
    """The lab orders whose time has come."""
    await require_staff(ctx)
    passed = (
        ctx.db.query("lab_orders")
        .with_index("by_patientId_and_orderedAt")
        .eq("patientId", patientId)
    )
    return [
        {"id": order["_id"], "text": order["panel"], "at": order["orderedAt"]}
        for order in await passed.lt("orderedAt", to_millis(ctx.now())).take(50)
    ]


@query(args={"patientId": v.id("patients")}, returns=v.record(v.string(), v.number()))
async def counts(ctx: QueryCtx, patientId: Id[Patients]) -> dict[str, float]:
    """How many lab orders are in each state."""
    await require_staff(ctx)
    counts: dict[str, float] = {}
    for name in STATES:
        found = (
            ctx.db.query("lab_orders")
            .with_index("by_patientId_and_state")
            .eq("patientId", patientId)
        )
        counts[name] = len(await found.eq("state", name).take(1000))
    return counts


@mutation(args={"orderId": v.id("lab_orders")}, returns=v.null())
async def remind(ctx: MutationCtx, orderId: Id[LabOrders]) -> None:
    """Have somebody told of an order in an hour."""
    order = await _order(ctx, orderId)
    await ctx.scheduler.run_after(LATER, internal.laboratory.orders.tell, orderId=order["_id"])


@internal_mutation(args={"orderId": v.id("lab_orders")}, returns=v.null())
async def tell(ctx: MutationCtx, orderId: Id[LabOrders]) -> None:
    """Put an order on the list of messages."""
    order = await ctx.db.get(orderId)
    if order is not None:
        await ctx.db.insert(
            "messages",
            {"about": "order", "text": order["panel"], "at": to_millis(ctx.now()), "seen": False},
        )
