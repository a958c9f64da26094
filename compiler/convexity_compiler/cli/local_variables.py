"""``.env.local``: environment variables of the development server."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FILE = ".env.local"


def read(root: Path) -> dict[str, str]:
    """Return the variables of the project's file; none without one, or without a value."""
    from dotenv import dotenv_values

    path = root / FILE
    if not path.is_file():
        return {}
    found = dotenv_values(path, interpolate=False)
    return {name: value for name, value in found.items() if value is not None}


def stamp(root: Path) -> int:
    """Return a number that changes when the file does."""
    try:
        return (root / FILE).stat().st_mtime_ns
    except OSError:
        return 0
