"""The pytest plugin in runs of pytest that a test starts."""

from __future__ import annotations

from importlib.metadata import entry_points

_IS_INSTALLED = bool(entry_points(group="pytest11", name="convexity"))

PLUGIN_OPTIONS = () if _IS_INSTALLED else ("-p", "convexity.pytest_plugin")
"""What an environment needs whose package was installed before it had the plugin."""
