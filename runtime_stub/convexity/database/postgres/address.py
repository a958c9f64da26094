"""What ``DATABASE_URL`` says of a PostgreSQL database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

SCHEMES: Final = ("postgresql", "postgres")
POOL_SIZE: Final = 16
_TRUTH: Final = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresAddress:
    """Where a database is, and how to use it."""

    dsn: str
    """As asyncpg understands it, without the options below."""
    shown: str
    """Without the password."""
    pool_size: int = POOL_SIZE
    """Connections for queries; further ones are opened for writing, listening and kept states."""
    connect_timeout: float = 10.0
    """Seconds that a connection may take to open."""
    statement_timeout: float = 60.0
    """Seconds that one SQL statement may take; 0 for no limit."""
    listen: bool = True
    """Whether the server tells of commits (``LISTEN``); otherwise the log of commits is polled."""
    search_path: str = ""
    """SQL schemas, of which the first holds everything; empty for those that the user has. Set by
    a statement: poolers such as pgbouncer refuse it as an option of the connection."""
    poll_interval: float = 0.0
    """Seconds between looks at the log of commits; 0 for what suits ``listen``."""

    @property
    def interval(self) -> float:
        """Seconds between looks at the log of commits."""
        return self.poll_interval or (1.0 if self.listen else 0.05)


def parse_address(url: str) -> PostgresAddress:
    """Read an address.

    Raises:
        ValueError: it cannot be used; the message says why, and shows no password.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ValueError(f"it is no address ({error})") from None
    if parts.scheme not in SCHEMES:
        raise ValueError("it does not begin with postgresql://")
    if not parts.path.strip("/") or "/" in parts.path.strip("/"):
        raise ValueError(
            "it names no database; expected postgresql://user:password@host:5432/database"
        )
    options: dict[str, str] = {}
    others: list[tuple[str, str]] = []
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name in _READERS:
            options[name] = value
        else:
            others.append((name, value))
    if all(name != "application_name" for name, _ in others):
        others.append(("application_name", "convexity"))
    shown = urlunsplit((parts.scheme, _without_password(parts.netloc), parts.path, "", ""))
    host = dict(others).get("host")
    if host and not parts.hostname:
        shown += f"?host={quote(host, safe='/')}"
    return PostgresAddress(
        dsn=urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(others), "")),
        shown=shown,
        **{name: _READERS[name](name, value) for name, value in options.items()},  # type: ignore[arg-type]
    )


def _without_password(netloc: str) -> str:
    user, separator, host = netloc.rpartition("@")
    return f"{user.partition(':')[0]}{separator}{host}"


def _count(name: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text) or int(text) < 1:
        raise ValueError(f"its option {name} is {text!r}; expected a number from 1 on")
    return int(text)


def _seconds(name: str, text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]*)?", text):
        raise ValueError(f"its option {name} is {text!r}; expected a number of seconds")
    return float(text)


def _text(_name: str, text: str) -> str:
    return text


def _switch(name: str, text: str) -> bool:
    if text.lower() not in _TRUTH:
        raise ValueError(f"its option {name} is {text!r}; expected one of {', '.join(_TRUTH)}")
    return _TRUTH[text.lower()]


_READERS: Final = {
    "pool_size": _count,
    "connect_timeout": _seconds,
    "statement_timeout": _seconds,
    "listen": _switch,
    "poll_interval": _seconds,
    "search_path": _text,
}
OPTIONS: Final = tuple(_READERS)
"""Names of the options that are ours."""
