"""Field paths: ``profile.address`` names a field of an object inside a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from convexity.values import UNSET


def value_at(document: Mapping[str, Any], path: str, /) -> Any:
    """Value at a field path, or ``UNSET`` where a part of the path is missing or no object."""
    value: Any = document
    for name in path.split("."):
        if not isinstance(value, Mapping):
            return UNSET
        value = value.get(name, UNSET)
    return value
