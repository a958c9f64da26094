"""The byte store that the settings name."""

from __future__ import annotations

from pathlib import Path

from convexity.storage.byte_store import ByteStore
from convexity.storage.folder_store import FolderStore


def open_store(location: Path | str) -> ByteStore:
    """Open a folder, or a bucket by its ``s3://`` address.

    Raises:
        OSError: the folder cannot be created.
        ValueError: the bucket cannot be used as configured.
    """
    if isinstance(location, Path):
        return FolderStore(location)
    from convexity.storage.bucket_store import BucketStore  # a large library

    return BucketStore(location)
