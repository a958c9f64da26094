"""Validators of contacts."""

from convexity.values import v

address = v.object(
    street=v.string(), city=v.string(), zip=v.optional(v.string()), country=v.string()
)

channel = v.union(
    v.object(kind=v.literal("email"), address=v.string(), verified=v.boolean()),
    v.object(kind=v.literal("phone"), number=v.string()),
)
