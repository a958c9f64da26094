"""Names that Convex accepts (checker-codegen A0, ``sync_types/src/identifier.rs``)."""

from __future__ import annotations

import re

MAX_IDENTIFIER_LENGTH = 64
"""Longest name of a table, an index or a function."""
MAX_FIELD_NAME_LENGTH = 1024

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def identifier_fault(name: str) -> str | None:
    """Return why ``name`` is no identifier, as a clause, or None when it is one."""
    if not name:
        return "is empty"
    if len(name) > MAX_IDENTIFIER_LENGTH:
        return f"has {len(name)} characters, {MAX_IDENTIFIER_LENGTH} are allowed"
    if not _IDENTIFIER.fullmatch(name):
        return "is not made of ASCII letters, digits and underscores, or begins with a digit"
    if not name.strip("_"):
        return "consists of underscores alone"
    return None


def field_name_fault(name: str) -> str | None:
    """Return why ``name`` is no field name, as a clause, or None when it is one."""
    if not name:
        return "is empty"
    if name.startswith("$"):
        return "begins with `$`, which is reserved"
    if len(name) > MAX_FIELD_NAME_LENGTH:
        return f"has {len(name)} characters, {MAX_FIELD_NAME_LENGTH} are allowed"
    if not (name.isascii() and name.isprintable()):
        return "holds characters that are not printable ASCII"
    return None


def suggested_identifier(name: str, fallback: str) -> str:
    """Return the identifier nearest to ``name``."""
    words = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")[:MAX_IDENTIFIER_LENGTH]
    if not words:
        return fallback
    return f"{fallback}_{words}"[:MAX_IDENTIFIER_LENGTH] if words[0].isdigit() else words
