"""The state of the last check on disk; one that cannot be read or written is only slow."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
from typing import TYPE_CHECKING, Final

from convexity_compiler.incremental.state import CheckState
from convexity_compiler.summary.digests import DIGEST_BYTES

if TYPE_CHECKING:
    from pathlib import Path

_FOLDER: Final = "checks"
STALE_AFTER_SECONDS: Final = 7 * 24 * 3600.0
"""Age at which the state for other settings is removed."""


class StateStore:
    """Keeps the states of one project, one for each combination of settings."""

    def __init__(self, cache: Path, settings: str) -> None:
        """Use the cache folder ``cache``; ``settings`` is a hash of the settings."""
        self._cache = cache
        self._file = f"{cache}/{_FOLDER}/{settings}.json"

    def load(self, key: str) -> CheckState:
        """Return the state that was saved with this key, else one with nothing in it."""
        try:
            with open(self._file, "rb") as file:
                checksum, _, content = file.read().partition(b"\n")
            if checksum == _checksum(content):
                state = CheckState.from_json(json.loads(content))
                if state.key == key:
                    return state
        except (OSError, ValueError, TypeError, LookupError, RecursionError):
            pass
        return CheckState(key=key)

    def save(self, state: CheckState) -> None:
        """Keep a state, whole or not at all."""
        content = json.dumps(state.to_json(), separators=(",", ":")).encode("ascii")
        folder = self._cache / _FOLDER
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
