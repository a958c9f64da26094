"""Literals of the other languages that the backend templates write."""

from __future__ import annotations

import json
import re

_MARKDOWN_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&])")


def yaml_string(value: str) -> str:
    """Write text as a double-quoted YAML scalar, of which JSON strings are a subset."""
    return json.dumps(value)


def markdown_text(value: str) -> str:
    """Write text for a Markdown page: one line, nothing in it means markup."""
    return _MARKDOWN_SPECIAL.sub(r"\\\1", " ".join(value.split()))
