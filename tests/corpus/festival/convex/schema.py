"""Tables of the festival."""

from convexity.server import define_schema, define_table
from convexity.values import v

from .shared import currency, slot_times, ticket_state

schema = define_schema(
    stages=define_table({"name": v.string(), "capacity": v.number()}).index("by_name", ["name"]),
    acts=define_table(
        {
            "name": v.string(),
            "genres": v.array(v.string()),
            "fee": v.int64(),
            "currency": currency,
            "picture": v.optional(v.id("_storage")),
        }
    )
    .index("by_name", ["name"])
    .search_index("search_name", search_field="name"),
    slots=define_table(
        {
            **slot_times,
            "stageId": v.id("stages"),
            "actId": v.id("acts"),
            "announced": v.boolean(),
        }
    )
    .index("by_stageId_and_starts", ["stageId", "starts"])
    .index("by_announced_and_starts", ["announced", "starts"])
    .index("by_actId", ["actId"]),
    tickets=define_table(
        {
            "holder": v.string(),
            "code": v.string(),
            "days": v.array(v.union(v.literal("fri"), v.literal("sat"), v.literal("sun"))),
            "state": ticket_state,
        }
    )
    .index("by_code", ["code"])
    .index("by_holder", ["holder"]),
    scans=define_table(
        {"ticketId": v.id("tickets"), "gate": v.string(), "accepted": v.boolean()}
    ).index("by_ticketId", ["ticketId"]),
)
