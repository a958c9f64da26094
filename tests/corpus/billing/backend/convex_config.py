"""Environment of billing."""

from convexity.server import define_app
from convexity.values import v

app = define_app(
    env={
        "PROVIDER_URL": v.string(),
        "PROVIDER_KEY": v.string(),
        "WEBHOOK_SECRET": v.string(),
        "MODE": v.optional(v.literal("live", "test")),
    }
)
