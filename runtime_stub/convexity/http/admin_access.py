"""Who may administer, and what a request for administration says in its address."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from convexity.http.authorization import authenticate
from convexity.http.errors import bad_admin_key

if TYPE_CHECKING:
    from starlette.types import Scope

    from convexity.backend import Backend


async def require_admin(scope: Scope, backend: Backend) -> None:
    """Refuse everybody but an admin who acts as no user.

    Raises:
        RequestError: 403.
    """
    if not (await authenticate(scope, backend.admin_key, backend.tokens)).is_plain_admin:
        raise bad_admin_key()


def query_parameter(scope: Scope, name: str) -> str:
    """The last value of a parameter in the query string, empty without one."""
    text: str = scope["query_string"].decode("latin-1")
    return parse_qs(text).get(name, [""])[-1]
