"""What one run leaves to the next, on disk; what cannot be read or written is only slow."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from typing import TYPE_CHECKING, Any, Final

from convexity_compiler.summary.digests import DIGEST_BYTES

if TYPE_CHECKING:
    from pathlib import Path

STALE_AFTER_SECONDS: Final = 7 * 24 * 3600.0
"""Age at which the document of other settings is removed."""


class DocumentStore:
    """Keeps one JSON document of a project, for each combination of settings its own."""

    def __init__(self, cache: Path, kind: str, settings: str) -> None:
        """Use the folder ``kind`` of the cache; ``settings`` is a hash of the settings."""
        self._cache = cache
        self._folder = cache / kind
        self._file = f"{cache}/{kind}/{settings}.json"

    def load(self) -> Any:
        """Return the document, None when there is none or it is damaged."""
        try:
            with open(self._file, "rb") as file:
                checksum, _, content = file.read().partition(b"\n")
            return json.loads(content) if checksum == _checksum(content) else None
        except (OSError, ValueError, RecursionError):
            return None

    def save(self, document: object) -> None:
        """Keep a document, whole or not at all."""
        import tempfile  # takes longer than all else where there is nothing to keep

        content = json.dumps(document, separators=(",", ":")).encode("ascii")
        folder = self._folder
        with contextlib.suppress(OSError):
            if not folder.is_dir():
                folder.mkdir(parents=True, exist_ok=True)
                (self._cache / ".gitignore").write_text("*\n", encoding="ascii")
            handle, temporary = tempfile.mkstemp(dir=folder, prefix=".")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(_checksum(content) + b"\n" + content)
                os.replace(temporary, self._file)
            except BaseException:
                os.unlink(temporary)
                raise
            _remove_old(folder)


def _remove_old(folder: Path) -> None:
    limit = time.time() - STALE_AFTER_SECONDS
    for entry in folder.iterdir():
        if entry.stat().st_mtime < limit:
            entry.unlink(missing_ok=True)


def _checksum(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=DIGEST_BYTES).hexdigest().encode("ascii")
