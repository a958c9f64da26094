"""Version of the runtime."""

from __future__ import annotations

from typing import Final

VERSION: Final = "0.1.0"
"""As in ``pyproject.toml``; a vendored runtime has no package metadata to ask."""
