"""Hashes that identify contents."""

from __future__ import annotations

import hashlib
from typing import Final

DIGEST_BYTES: Final = 16


def source_digest(source: bytes) -> str:
    """Return the hash of a file's content that identifies its summary."""
    return hashlib.blake2b(source, digest_size=DIGEST_BYTES).hexdigest()
