"""Tables of those who work here."""

from convexity.server import define_table
from convexity.values import v

role = v.literal("nurse", "doctor", "clerk", "lead")

staff_members = (
    define_table(name=v.string(), token=v.string(), role=role, active=v.boolean())
    .index("by_token", ["token"])
    .index("by_role", ["role"])
)
