"""Suggesting names that Convex accepts."""

from __future__ import annotations

import re

from convexity.values.limits import MAX_IDENTIFIER_LENGTH


def suggested_identifier(name: str, fallback: str) -> str:
    """Return the identifier nearest to ``name``; ``fallback`` begins or replaces it."""
    words = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")[:MAX_IDENTIFIER_LENGTH]
    if not words:
        return fallback
    return f"{fallback}_{words}"[:MAX_IDENTIFIER_LENGTH] if words[0].isdigit() else words
