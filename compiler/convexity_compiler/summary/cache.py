"""Summaries on disk: one file per content of a module, in a folder per compiler and Python."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from convexity_compiler.summary.decode import SummaryDecoder
from convexity_compiler.summary.digests import DIGEST_BYTES
from convexity_compiler.summary.tags import layout

if TYPE_CHECKING:
    from collections.abc import Collection

    from convexity_compiler.summary.model import ModuleSummary

STALE_AFTER_SECONDS: Final = 7 * 24 * 3600.0
"""Age at which an entry that the last run did not use is removed; branches come and go faster."""


class SummaryCache:
    """Reads and writes summaries; a cache that cannot be read or written is only slow."""

    def __init__(self, folder: Path) -> None:
        """Use ``folder`` (made when first needed) for all versions of compiler and Python."""
        self._root = folder
        self._folder = folder / toolchain_key()

    def load(self, digest: str, path: str, text: str) -> ModuleSummary | None:
        """Return the summary of the content with ``digest``, or None when it must be made."""
        try:
            with open(f"{self._folder}/{digest}", "rb") as file:
                checksum, _, content = file.read().partition(b"\n")
            if checksum != _checksum(content):
                return None
            head, *bodies = content.decode("ascii").split("\n")
            return SummaryDecoder(json.loads(head), bodies).module(path, digest, text)
        except (OSError, ValueError, RecursionError):
            return None

    def store(self, digest: str, head: str, bodies: list[str]) -> None:
        """Keep a summary given as JSON texts, whole or not at all."""
        content = "\n".join((head, *bodies)).encode("ascii")
        with contextlib.suppress(OSError):
            if not self._folder.is_dir():
                self._folder.mkdir(parents=True, exist_ok=True)
                (self._root / ".gitignore").write_text("*\n", encoding="ascii")
            handle, temporary = tempfile.mkstemp(dir=self._folder, prefix=".")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(_checksum(content) + b"\n" + content)
                os.replace(temporary, self._folder / digest)
            except BaseException:
                os.unlink(temporary)
                raise

    def prune(self, used: Collection[str]) -> None:
        """Remove entries outside ``used`` that are old, and folders of other compilers."""
        limit = time.time() - STALE_AFTER_SECONDS
        with contextlib.suppress(OSError):
            for folder in self._root.iterdir():
                if folder.is_dir():
                    self._prune_folder(folder, limit, used if folder == self._folder else ())

    def _prune_folder(self, folder: Path, limit: float, used: Collection[str]) -> None:
        for entry in folder.iterdir():
            if entry.name not in used and entry.stat().st_mtime < limit:
                entry.unlink(missing_ok=True)
        if folder != self._folder and not any(folder.iterdir()):
            folder.rmdir()


def toolchain_key() -> str:
    """Return the name of the folder for this compiler and this Python.

    The code that makes summaries is its own version: any change to it voids what it made.
    """
    key = hashlib.blake2b(layout().encode(), digest_size=8)
    for source in sorted(Path(__file__).parent.glob("*.py")):
        key.update(source.read_bytes())
    return f"{sys.implementation.cache_tag}-{key.hexdigest()}"


def _checksum(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=DIGEST_BYTES).hexdigest().encode("ascii")
