"""Environment of the devices."""

from convexity.server import define_app
from convexity.values import v

ENVIRONMENT = {"PAGER_URL": v.optional(v.string()), "GATEWAY_TOKEN": v.string()}

app = define_app(env=ENVIRONMENT)
