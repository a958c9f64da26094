"""Settings of a backend, from environment variables (design, section 5)."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from convexity.database.postgres.address import parse_address
from convexity.server_log import LOG_FORMATS, LogFormat

DEFAULT_DATABASE_URL: Final = "sqlite:///data/app.db"
DEFAULT_STORAGE_URL: Final = "file:///data/storage"
DATA_FOLDER: Final = "data"
DEFAULT_PORT: Final = 3210
DEFAULT_SITE_PORT: Final = 3211
DEFAULT_SHUTDOWN_TIME: Final = 10.0
"""Seconds; container engines kill what has not ended after as long."""
_MAX_SHUTDOWN_TIME: Final = 3600.0

_SQLITE: Final = "sqlite:///"
_FILE: Final = "file:///"
_S3: Final = "s3://"
_POSTGRES: Final = ("postgresql://", "postgres://")
_TRUTH: Final = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


class SettingsError(Exception):
    """A variable has a value that cannot be used; the text names it, and says what can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a backend runs."""

    database: Path | str
    """SQLite file, or ``postgresql://`` address; from ``DATABASE_URL``."""
    data_folder: Path
    """Where the SQLite file is, and what belongs to no other place."""
    storage: Path | str
    """Folder of stored files, or ``s3://`` address of a bucket; from ``STORAGE_URL``."""
    admin_key: str | None
    """Key for internal functions; ``None``: the one kept in the database."""
    cloud_url: str
    """Address that clients use."""
    site_url: str
    """Address of HTTP actions."""
    process_workers: int
    """Actions of ``runtime="process"`` that run at once, each in a process of its own; from
    ``CONVEXITY_PROCESS_WORKERS``."""
    redact_errors: bool
    """Whether messages of errors and log lines are kept from clients; from
    ``CONVEXITY_REDACT_ERRORS``."""
    log_format: LogFormat = "text"
    """How the server's log looks; from ``CONVEXITY_LOG_FORMAT``."""
    public_metrics: bool = False
    """Whether ``/metrics`` answers without the admin key; from ``CONVEXITY_PUBLIC_METRICS``."""
    shutdown_time: float = DEFAULT_SHUTDOWN_TIME
    """Seconds that running functions get when the backend stops; from
    ``CONVEXITY_SHUTDOWN_SECONDS``."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], folder: Path) -> Settings:
        """Read the settings; a variable that is empty counts as absent.

        Args:
            environment: Usually ``os.environ``.
            folder: Where relative paths start: the folder of ``main.py``, whatever the working
                directory.

        Raises:
            SettingsError: a value cannot be used.
        """
        given = {name: value for name, value in environment.items() if value}
        database = _database(given.get("DATABASE_URL", DEFAULT_DATABASE_URL), folder)
        return cls(
            database=database,
            data_folder=database.parent if isinstance(database, Path) else folder / DATA_FOLDER,
            storage=_storage(given.get("STORAGE_URL", DEFAULT_STORAGE_URL), folder),
            admin_key=_admin_key(given.get("CONVEXITY_ADMIN_KEY")),
            cloud_url=_address(given, "CONVEX_CLOUD_URL", DEFAULT_PORT),
            site_url=_address(given, "CONVEX_SITE_URL", DEFAULT_SITE_PORT),
            process_workers=_process_workers(given),
            redact_errors=_switch(given, "CONVEXITY_REDACT_ERRORS"),
            log_format=_log_format(given.get("CONVEXITY_LOG_FORMAT", "text")),
            public_metrics=_switch(given, "CONVEXITY_PUBLIC_METRICS"),
            shutdown_time=_seconds(given, "CONVEXITY_SHUTDOWN_SECONDS", DEFAULT_SHUTDOWN_TIME),
        )


def _database(url: str, folder: Path) -> Path | str:
    if url.startswith(_POSTGRES):
        try:
            parse_address(url)
        except ValueError as error:
            raise SettingsError(f"DATABASE_URL cannot be used: {error}.") from None
        return url
    if not url.startswith(_SQLITE) and "://" in url:
        scheme = url.partition("://")[0]
        raise SettingsError(
            f"DATABASE_URL begins with {scheme}://; expected {_SQLITE}<path> for a file, or "
            "postgresql://user:password@host:5432/database for a PostgreSQL server."
        )
    return _path("DATABASE_URL", url, _SQLITE, folder)


def _storage(url: str, folder: Path) -> Path | str:
    if url.startswith(_FILE):
        return _path("STORAGE_URL", url, _FILE, folder)
    if not re.fullmatch(rf"{_S3}[^/?#\s]+(?:/[^?#\s]*)?", url):
        raise SettingsError(
            f"STORAGE_URL is {url!r}; expected {_FILE}<path> for a folder, or {_S3}<bucket> or "
            f"{_S3}<bucket>/<prefix> for an S3-compatible bucket."
        )
    return url.rstrip("/")


def _path(variable: str, url: str, scheme: str, folder: Path) -> Path:
    """Read a path after three slashes; after four it is absolute, as in SQLAlchemy."""
    path = url.removeprefix(scheme)
    if path in (url, "", ":memory:") or "\0" in path:
        raise SettingsError(
            f"{variable} is {url!r}; expected {scheme}<path>, with a path relative to the folder "
            f"of main.py, or {scheme}/<path> for an absolute one."
        )
    return folder / path


def _admin_key(key: str | None) -> str | None:
    if key is not None and (":" in key.rpartition("|")[2] or not key.rpartition("|")[2]):
        raise SettingsError(
            "CONVEXITY_ADMIN_KEY must not be empty after its last `|`, nor have a colon there: "
            "what follows a colon in an Authorization header names the user to act as."
        )
    return key


def _address(given: Mapping[str, str], variable: str, port: int) -> str:
    url = given.get(variable, f"http://127.0.0.1:{port}")
    if not url.startswith(("http://", "https://")):
        raise SettingsError(
            f"{variable} is {url!r}; expected an address that starts with http:// or https://."
        )
    return url.rstrip("/")


def _log_format(text: str) -> LogFormat:
    for known in LOG_FORMATS:
        if text.lower() == known:
            return known
    raise SettingsError(
        f"CONVEXITY_LOG_FORMAT is {text!r}; expected one of {', '.join(LOG_FORMATS)}."
    )


def _seconds(given: Mapping[str, str], variable: str, default: float) -> float:
    text = given.get(variable)
    try:
        seconds = default if text is None else float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= _MAX_SHUTDOWN_TIME:
        raise SettingsError(
            f"{variable} is {text!r}; expected a number of seconds from 0 to "
            f"{_MAX_SHUTDOWN_TIME:g}."
        )
    return seconds


def _switch(given: Mapping[str, str], variable: str) -> bool:
    text = given.get(variable, "false")
    if text.lower() not in _TRUTH:
        raise SettingsError(f"{variable} is {text!r}; expected one of {', '.join(_TRUTH)}.")
    return _TRUTH[text.lower()]


def _process_workers(given: Mapping[str, str]) -> int:
    text = given.get("CONVEXITY_PROCESS_WORKERS", str(os.cpu_count() or 1))
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise SettingsError(
            f"CONVEXITY_PROCESS_WORKERS is {text!r}; expected a number of processes from 1 on."
        )
    return int(text)
