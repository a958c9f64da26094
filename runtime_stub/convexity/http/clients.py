"""The ``Convex-Client`` header and what depends on it (wire-protocol 1.5, 2.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from convexity.http.errors import RequestError
from convexity.values.encoding import Format

_HEADER: Final = re.compile(
    r"(?P<name>[A-Za-z][A-Za-z0-9_-]*?)-(?P<version>\d{1,9}\.\d{1,9}\.\d{1,9})(?:[-+.].*)?",
    re.ASCII,
)
_FORMATS: Final[dict[str, Format]] = {
    "convex_encoded_json": "convex_encoded_json",
    "convex_json": "convex_encoded_json",
    "json": "json",
    "convex_clean_json": "json",
    "export_json": "export_json",
}
"""Formats by name, with the older names."""
_FIRST_WITH_JSON: Final = {"npm": (1, 4, 1), "python": (0, 5, 0)}
"""First versions of the clients that get format ``json`` unless they ask for another."""


@dataclass(frozen=True, slots=True)
class Client:
    """A client that said what it is."""

    name: str
    version: tuple[int, ...]


@lru_cache(maxsize=256)
def parse_client(text: str | None) -> Client | None:
    """The client of a request, ``None`` without the header.

    Raises:
        RequestError: 400: it is not ``<client>-<semantic version>``.
    """
    if text is None:
        return None
    match = _HEADER.fullmatch(text)
    if match is None:
        raise RequestError(
            400,
            "InvalidClientVersion",
            f"The header Convex-Client is {text!r}; expected <client>-<version>, as in npm-1.48.0.",
        )
    return Client(match["name"], tuple(int(number) for number in match["version"].split(".")))


def result_format(requested: object, client: Client | None) -> Format:
    """The format of a result.

    Args:
        requested: What the request asks for; ``None`` when it does not.
        client: Who asks.

    Raises:
        RequestError: 400 ``BadFormat``.
    """
    if requested is None:
        if client is not None and client.version < _FIRST_WITH_JSON.get(client.name, ()):
            return "convex_encoded_json"
        return "json"
    if isinstance(requested, str) and requested in _FORMATS:
        return _FORMATS[requested]
    raise RequestError(
        400,
        "BadFormat",
        f"Unknown format {requested!r}; known are {', '.join(_FORMATS)}.",
    )
