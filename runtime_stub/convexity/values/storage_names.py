"""Names of SQL tables and views: short enough for every database, and told apart by component."""

from __future__ import annotations

import hashlib
from typing import Final

LONGEST_NAME: Final = 63
"""Bytes of a PostgreSQL identifier (``NAMEDATALEN`` - 1); SQLite has no limit."""
_DIGEST_BYTES: Final = 4


def escaped(name: str, /) -> str:
    """An ASCII text without upper-case letters: ``userIds`` → ``user^ids``.

    SQL compares names without regard to case where Convex does not; ``^`` occurs in no identifier,
    so that different names stay different.
    """
    return "".join(f"^{letter.lower()}" if letter.isupper() else letter for letter in name)


def component_storage(component: str, storage: str, /) -> str:
    """Name of a table of a component, by what it would be called in the application.

    Args:
        component: path of the component, ``outer/inner``; empty for the application.
        storage: name of the table.
    """
    return shortened(f"{escaped(component)}/{storage}" if component else storage)


def view_name(table: str, component: str = "", /) -> str:
    """Name of the view of a table of the component at a path."""
    return component_storage(component, escaped(table))


def shortened(name: str, /) -> str:
    """Cut a name that is too long, with a digest of the whole so that it stays unique."""
    encoded = name.encode()
    if len(encoded) <= LONGEST_NAME:
        return name
    digest = hashlib.blake2b(encoded, digest_size=_DIGEST_BYTES).hexdigest()
    return f"{encoded[: LONGEST_NAME - 2 * _DIGEST_BYTES - 1].decode()}_{digest}"
