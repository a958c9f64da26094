"""Addresses of files as the protocol writes them."""

from __future__ import annotations

from pathlib import Path

from pygls.uris import to_fs_path


def path_of(uri: str) -> str | None:
    """Return the path of a file's address; None for what is no file on disk."""
    return to_fs_path(uri) or None


def uri_of_path(path: str) -> str:
    """Return the address of an absolute path."""
    return Path(path).as_uri()
