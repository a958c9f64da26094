"""Where the ``convexity dev`` of a project listens, told to ``convexity run`` by a file."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from convexity_compiler.cli.dev_folder import DEV_FOLDER

if TYPE_CHECKING:
    from pathlib import Path

_FILE = f"{DEV_FOLDER}/address"
_PROBE_SECONDS = 1.0


def publish(root: Path, url: str) -> None:
    """Tell that the project at ``root`` is served at ``url``."""
    path = root / _FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(f"{url}\n", encoding="utf-8")
    temporary.replace(path)


def withdraw(root: Path) -> None:
    """Tell that the project is served no more."""
    (root / _FILE).unlink(missing_ok=True)


def find(root: Path) -> str | None:
    """Return the address of the running ``convexity dev`` of the project; None without one."""
    try:
        url = (root / _FILE).read_text(encoding="utf-8").strip()
        parts = urlsplit(url)
        address = parts.hostname, parts.port
        with socket.create_connection(address, timeout=_PROBE_SECONDS):
            return url
    except (OSError, ValueError):  # none, or one that was killed and left its file
        return None
