"""The pytest plugin in runs of pytest that a test starts."""

from __future__ import annotations

from importlib.metadata import entry_points

_IS_INSTALLED = bool(entry_points(group="pytest11", name="convexity"))

WITHOUT_SCHEMATHESIS = ("-p", "no:schemathesis")
"""Options of pytest that halve its start where the plugin of that package is installed."""

PLUGIN_OPTIONS = (
    *(() if _IS_INSTALLED else ("-p", "convexity.pytest_plugin")),
    *WITHOUT_SCHEMATHESIS,
)
"""What an environment needs whose package was installed before it had the plugin."""
