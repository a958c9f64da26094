"""From the claims of a verified token to the identity that functions see (wire-protocol 8.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast

from convexity.auth.identity import UserIdentity

_STANDARD_CLAIMS: Final = {
    "name": "name",
    "given_name": "givenName",
    "family_name": "familyName",
    "nickname": "nickname",
    "preferred_username": "preferredUsername",
    "profile": "profileUrl",
    "picture": "pictureUrl",
    "website": "websiteUrl",
    "email": "email",
    "email_verified": "emailVerified",
    "gender": "gender",
    "birthdate": "birthday",
    "zoneinfo": "timezone",
    "locale": "language",
    "phone_number": "phoneNumber",
    "phone_number_verified": "phoneNumberVerified",
}
"""Claims of OpenID Connect that keep their value and change their name."""
_BOOLEANS: Final = frozenset({"emailVerified", "phoneNumberVerified"})
_REGISTERED_CLAIMS: Final = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti"})
"""Claims of RFC 7519 section 4.1: about the token, not about the user."""
_PROTOCOL_CLAIMS: Final = _REGISTERED_CLAIMS | {
    "acr",
    "amr",
    "at_hash",
    "auth_time",
    "azp",
    "c_hash",
    "fva",
    "nonce",
}
"""Claims about the login that an OpenID Connect token reports."""


def oidc_identity(claims: Mapping[str, Any]) -> UserIdentity:
    """The identity in an OpenID Connect token: standard claims under the names of
    ``UserIdentity``, the others under their own."""
    identity = _subject(claims)
    for claim, value in claims.items():
        if claim in _PROTOCOL_CLAIMS:
            continue
        name = _STANDARD_CLAIMS.get(claim)
        if name is not None:
            if isinstance(value, bool if name in _BOOLEANS else str):
                identity[name] = value
        elif claim == "address":
            formatted = value.get("formatted") if isinstance(value, dict) else None
            if isinstance(formatted, str):
                identity["address"] = formatted
        elif claim == "updated_at":
            updated = _rfc3339(value)
            if updated is not None:
                identity["updatedAt"] = updated
        else:
            identity.setdefault(claim, value)
    return cast("UserIdentity", identity)


def custom_jwt_identity(claims: Mapping[str, Any]) -> UserIdentity:
    """The identity in a token of another issuer: every claim under its own name, those of a
    nested object as ``outer.inner``."""
    identity = _subject(claims)
    for claim, value in claims.items():
        if claim not in _REGISTERED_CLAIMS:
            for name, inner in _flattened(claim, value):
                identity.setdefault(name, inner)
    return cast("UserIdentity", identity)


def _subject(claims: Mapping[str, Any]) -> dict[str, Any]:
    issuer, subject = claims["iss"], claims["sub"]
    return {"tokenIdentifier": f"{issuer}|{subject}", "subject": subject, "issuer": issuer}


def _flattened(name: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for inner, entry in value.items():
            yield from _flattened(f"{name}.{inner}", entry)
    else:
        yield name, value


def _rfc3339(value: object) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC).isoformat().replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return None
