"""Names of SQL tables and views, unique without regard to case and short enough everywhere."""

from __future__ import annotations

import hashlib
from typing import Final

LONGEST_NAME: Final = 63
"""Bytes of a PostgreSQL identifier (``NAMEDATALEN`` - 1); SQLite has no limit."""
_DIGEST_BYTES: Final = 4


def escaped(name: str) -> str:
    """Return an ASCII identifier without upper-case letters: ``userIds`` → ``user^ids``.

    SQL compares names without regard to case where Convex does not; ``^`` occurs in no identifier,
    so that different names stay different.
    """
    return "".join(f"^{letter.lower()}" if letter.isupper() else letter for letter in name)


def document_table(table: str) -> str:
    """Name of the table that stores the documents of ``table``."""
    return _short(f"doc_{escaped(table)}")


def index_table(table: str, index: str) -> str:
    """Name of the table that stores an index."""
    return _short(f"idx_{escaped(table)}.{escaped(index)}")


def search_table(table: str, index: str) -> str:
    """Name of the table that stores a full-text index.

    SQLite keeps it in further tables, which it names by suffixes such as ``_data``: the dot keeps
    them apart from those of other indexes.
    """
    return _short(f"idx_{escaped(table)}.{escaped(index)}.words")


def vector_table(table: str, index: str) -> str:
    """Name of the table that stores a vector index."""
    return _short(f"idx_{escaped(table)}.{escaped(index)}.vectors")


def view(table: str) -> str:
    """Name of the SQL view of ``table``."""
    return _short(escaped(table))


def _short(name: str) -> str:
    """Cut a name that is too long, with a digest of the whole so that it stays unique."""
    encoded = name.encode()
    if len(encoded) <= LONGEST_NAME:
        return name
    digest = hashlib.blake2b(encoded, digest_size=_DIGEST_BYTES).hexdigest()
    return f"{encoded[: LONGEST_NAME - 2 * _DIGEST_BYTES - 1].decode()}_{digest}"
