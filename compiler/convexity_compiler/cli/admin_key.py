"""Admin keys of the backends that ran on this machine, kept in their databases."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from convexity_compiler.cli.dev_folder import DATABASE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from convexity_compiler.config import Config

PLACES = f"DATABASE_URL, {DATABASE} and dist/data/app.db"
"""Where keys are looked for, for messages."""

_SQLITE = "sqlite:///"
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
_QUERY = "SELECT value FROM _convexity_meta WHERE key = 'admin_key'"


def local_admin_keys(config: Config, url: str, environment: Mapping[str, str]) -> list[str]:
    """Return the keys that the backend at ``url`` may have, the likeliest first.

    They come from the databases of ``DATABASE_URL``, of ``convexity dev`` and of ``dist``. There
    are none for a backend on another machine.
    """
    if urlsplit(url).hostname not in _LOCAL_HOSTS:
        return []
    keys = [key for path in _databases(config, environment) if (key := _read_key(path)) is not None]
    return list(dict.fromkeys(keys))


def _databases(config: Config, environment: Mapping[str, str]) -> list[Path]:
    dist = config.root / "dist"
    paths = [config.root / DATABASE, dist / "data" / "app.db"]
    url = environment.get("DATABASE_URL", "")
    if url.startswith(_SQLITE):
        paths.insert(0, dist / url.removeprefix(_SQLITE))
    return [path for path in paths if path.is_file()]


def _read_key(path: Path) -> str | None:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            row = database.execute(_QUERY).fetchone()
    except sqlite3.Error:
        return None  # another application's file, or one that is being made
    return None if row is None else str(row[0])
