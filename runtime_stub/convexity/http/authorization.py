"""Who makes a request: the ``Authorization`` header and admin keys (wire-protocol 2.4)."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

import orjson

from convexity.auth.admin_key import is_admin_key
from convexity.auth.identity import ADMIN, ANONYMOUS, Identity, acting_user
from convexity.auth.tokens import TokenError
from convexity.http.errors import RequestError, bad_admin_key
from convexity.http.headers import header

if TYPE_CHECKING:
    from starlette.types import Scope

    from convexity.auth.verifier import TokenVerifier

_SHORTEST_HEADER: Final = 7


async def authenticate(scope: Scope, admin_key: str, tokens: TokenVerifier) -> Identity:
    """The identity of a request's sender.

    Args:
        scope: The request.
        admin_key: Key of this deployment.
        tokens: What knows the issuers of bearer tokens.

    Raises:
        RequestError: the header cannot be read (400), the token is not accepted (401) or the admin
            key is wrong (403).
    """
    text = header(scope, b"authorization")
    if text is None:
        query = scope["query_string"]
        if b"adminKey=" not in query:
            return ANONYMOUS
        keys = parse_qs(query.decode("latin-1")).get("adminKey", [])
        return _admin(keys[0], admin_key) if keys else ANONYMOUS
    if len(text) < _SHORTEST_HEADER:
        raise _unreadable("it is too short")
    scheme, _, credentials = text.partition(" ")
    match scheme.lower():
        case "bearer":
            try:
                return await tokens.identify(credentials.strip())
            except TokenError as error:
                raise RequestError(401, error.code, error.message) from error
        case "convex":
            return _admin(credentials.strip(), admin_key)
        case _:
            raise RequestError(
                400,
                "InvalidAdminKey",
                "The Authorization header must be `Bearer <token>` or `Convex <admin key>`.",
            )


def known_identity(scope: Scope, tokens: TokenVerifier) -> Identity | None:
    """Who sent a request without authorization, or with a token that is known to hold still.

    ``None`` means nothing but that :func:`authenticate` must be asked.
    """
    if scope.get("query_string"):
        return None
    text = header(scope, b"authorization")
    if text is None:
        return ANONYMOUS
    scheme, _, token = text.partition(" ")
    return tokens.known(token.strip()) if scheme.lower() == "bearer" else None


def _admin(credentials: str, admin_key: str) -> Identity:
    name, bar, rest = credentials.partition("|")
    secret, colon, acting_as = (rest if bar else name).partition(":")
    if not is_admin_key(secret, admin_key):
        raise bad_admin_key()
    return Identity(kind="admin", user=acting_user(_identity(acting_as))) if colon else ADMIN


def _identity(text: str) -> dict[str, object]:
    """The identity that an admin acts as.

    Raises:
        RequestError: 400: it is not base64 of a JSON object.
    """
    try:
        identity = orjson.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        identity = None
    if not isinstance(identity, dict):
        raise _unreadable("the identity after the admin key is not base64 of a JSON object")
    return identity


def _unreadable(reason: str) -> RequestError:
    return RequestError(
        400, "InvalidHeaderFailure", f"The Authorization header cannot be read: {reason}."
    )
