"""Names in SQL."""

from __future__ import annotations


def quoted(name: str) -> str:
    """A name as SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
