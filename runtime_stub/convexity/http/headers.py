"""Headers of a request, straight from the ASGI scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Scope


def header(scope: Scope, name: bytes) -> str | None:
    """Value of a header, the last of several; ``name`` in lower case."""
    headers = scope.get("convexity.headers")
    if headers is None:
        headers = scope["convexity.headers"] = dict(scope["headers"])
    value: bytes | None = headers.get(name)
    return None if value is None else value.decode("latin-1")
