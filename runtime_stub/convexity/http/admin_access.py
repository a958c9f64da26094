"""Who may administer, and what a request for administration says in its address."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from convexity.http.authorization import authenticate
from convexity.http.errors import RequestError, bad_admin_key

if TYPE_CHECKING:
    from starlette.types import Scope

    from convexity.backend import Backend
    from convexity.functions.components import Component


async def require_admin(scope: Scope, backend: Backend) -> None:
    """Refuse everybody but an admin who acts as no user.

    Raises:
        RequestError: 403.
    """
    if not (await authenticate(scope, backend.admin_key, backend.tokens)).is_plain_admin:
        raise bad_admin_key()


def required_component(backend: Backend, path: object) -> Component:
    """The component at a path; without one, the application.

    Raises:
        RequestError: 404.
    """
    found = backend.runner.components.by_path.get(path) if isinstance(path, str) else None
    if found is None and path:
        known = ", ".join(filter(None, backend.runner.components.by_path)) or "none"
        reason = f"There is no component {path!r}; mounted are: {known}."
        raise RequestError(404, "ComponentNotFound", reason)
    return found or backend.runner.components.application


def query_parameter(scope: Scope, name: str) -> str:
    """The last value of a parameter in the query string, empty without one."""
    text: str = scope["query_string"].decode("latin-1")
    return parse_qs(text).get(name, [""])[-1]
