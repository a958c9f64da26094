"""Environment of the hospital."""

from convexity.server import define_app
from convexity.values import v

app = define_app(env={"PAGER_URL": v.optional(v.string())})
