"""Environment of the assistant."""

from convexity.server import define_app
from convexity.values import v

app = define_app(env={"OPENAI_API_KEY": v.string()})
