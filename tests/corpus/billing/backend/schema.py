"""Tables of billing."""

from convexity.server import define_schema, define_table
from convexity.values import v

from .money import Line, Price

STATUSES = ("trialing", "active", "past_due", "canceled")

customers = define_table(
    {
        "email": v.string(),
        "name": v.string(),
        "providerId": v.optional(v.string()),
        "taxId": v.optional(v.nullable(v.string())),
        "balance": v.object(Price),
    }
)

plans = define_table(
    code=v.string(),
    price=v.object(Price),
    period=v.literal("month", "year"),
    features=v.record(v.string(), v.boolean()),
    retired=v.boolean(),
)

subscriptions = define_table(
    customer=v.id("customers"),
    plan=v.id("plans"),
    status=v.union(*[v.literal(status) for status in STATUSES]),
    seats=v.number(),
    renewsAt=v.number(),
)

invoices = define_table(
    v.union(
        v.object(
            status=v.literal("draft"),
            customer=v.id("customers"),
            lines=v.array(v.object(Line)),
        ),
        v.object(
            status=v.literal("open"),
            customer=v.id("customers"),
            lines=v.array(v.object(Line)),
            dueAt=v.number(),
            number=v.string(),
        ),
        v.object(
            status=v.literal("paid"),
            customer=v.id("customers"),
            lines=v.array(v.object(Line)),
            paidAt=v.number(),
            number=v.string(),
            receipt=v.optional(v.id("_storage")),
        ),
    )
)

events = define_table(
    providerEventId=v.string(), type=v.string(), payload=v.any(), handledAt=v.nullable(v.number())
)

schema = define_schema(
    {
        "customers": customers.index("by_email", ["email"]).index("by_providerId", ["providerId"]),
        "plans": plans.index("by_code", ["code"]),
        "subscriptions": subscriptions.index("by_customer", ["customer"]).index(
            "by_status_and_renewsAt", ["status", "renewsAt"]
        ),
        "invoices": invoices.index("by_customer_and_status", ["customer", "status"]).index(
            "by_status_and_dueAt", ["status", "dueAt"]
        ),
        "events": events.index("by_providerEventId", ["providerEventId"]).index(
            "by_handledAt", ["handledAt"]
        ),
        "counters": define_table(name=v.string(), next=v.int64()).index("by_name", ["name"]),
    }
)
