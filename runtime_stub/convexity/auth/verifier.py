"""Verification of bearer tokens against the providers of ``auth_config.py``."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import jwt

from convexity.auth.claims import custom_jwt_identity, oidc_identity
from convexity.auth.identity import Identity
from convexity.auth.providers import AuthProvider
from convexity.auth.tokens import TokenError

if TYPE_CHECKING:
    from convexity.auth.keys import KeySet

CLOCK_LEEWAY: Final = 5.0
"""Seconds by which the clocks of an issuer and ours may differ (wire-protocol 8.1)."""
_OIDC_ALGORITHMS: Final = ("RS256", "EdDSA")


_MAX_KNOWN: Final = 1024
"""Tokens of which it is remembered that they were verified."""
_MAX_KNOWN_LENGTH: Final = 4096
"""Characters of such a token."""


class _Known(NamedTuple):
    """A token that was verified."""

    identity: Identity
    keys: KeySet
    key: jwt.PyJWK


class TokenVerifier:
    """Tells who presents a token."""

    def __init__(self, providers: Sequence[AuthProvider]) -> None:
        """Take the trusted issuers in the order in which they are tried; nothing is fetched yet."""
        self._providers = [(provider, _keys(provider)) for provider in providers]
        self._known: dict[str, _Known] = {}

    def known(self, token: str) -> Identity | None:
        """The user of a token that was verified before and would be accepted now."""
        known = self._known.get(token)
        if known is None:
            return None
        expires_at = known.identity.expires_at or 0.0
        if time.time() < expires_at + CLOCK_LEEWAY and known.keys.holds(known.key):
            return known.identity
        del self._known[token]
        return None

    async def identify(self, token: str) -> Identity:
        """The user whose token this is.

        Raises:
            TokenError: no trusted issuer made it for this backend, or it is not valid now.
        """
        known = self.known(token)
        if known is not None:
            return known
        try:
            header = jwt.get_unverified_header(token)
            claims = jwt.decode(token, options={"verify_signature": False})
        except jwt.PyJWTError as error:
            raise TokenError(
                "InvalidAuthHeader", f"Could not parse the token as a JWT: {error}."
            ) from error
        provider, keys = self._provider(claims)
        algorithm = header.get("alg", "")
        accepted = _OIDC_ALGORITHMS if provider.algorithm is None else (provider.algorithm,)
        if algorithm not in accepted:
            raise TokenError(
                "Unauthenticated",
                f"Could not verify the token: it is signed with {algorithm}, but "
                f"{' or '.join(accepted)} is expected.",
            )
        key = await keys.find(header.get("kid"), algorithm)
        claims = _verified(token, key, algorithm, provider)
        identity = custom_jwt_identity if provider.kind == "custom_jwt" else oidc_identity
        user = Identity(
            kind="user", user=identity(claims), token=token, expires_at=float(claims["exp"])
        )
        if len(token) <= _MAX_KNOWN_LENGTH:
            self._known[token] = _Known(user, keys, key)
            if len(self._known) > _MAX_KNOWN:
                del self._known[next(iter(self._known))]
        return user

    def _provider(self, claims: dict[str, Any]) -> tuple[AuthProvider, KeySet]:
        """The first provider that vouches for the issuer and the audience of a token."""
        issuer, audience = claims.get("iss"), _audience(claims)
        for provider, keys in self._providers:
            if (
                isinstance(issuer, str)
                and _address(provider.issuer) == _address(issuer)
                and provider.application_id in (None, *audience)
            ):
                return provider, keys
        known = ", ".join(
            f"{provider.issuer} for {provider.application_id or 'any audience'}"
            for provider, _ in self._providers
        )
        raise TokenError(
            "NoAuthProvider",
            "No auth provider found matching the given token: its issuer is "
            f"{issuer!r} and its audience {', '.join(audience) or 'missing'}; this deployment "
            + (f"trusts {known}." if known else "has no auth_config.py that names one."),
        )


def _keys(provider: AuthProvider) -> KeySet:
    # The HTTP client takes long to import, and a backend without providers has no use for it.
    from convexity.auth.keys import KeySet

    return KeySet(provider, _address(provider.issuer))


def _verified(token: str, key: jwt.PyJWK, algorithm: str, provider: AuthProvider) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=provider.application_id,
            leeway=CLOCK_LEEWAY,
            options={
                "require": ["exp", "iss", "sub"],
                "verify_aud": provider.application_id is not None,
            },
        )
    except jwt.ExpiredSignatureError as error:
        raise TokenError(
            "Unauthenticated", "Could not verify the token: it has expired."
        ) from error
    except jwt.PyJWTError as error:
        raise TokenError("Unauthenticated", f"Could not verify the token: {error}.") from error
    # The audience of an OpenID Connect token must be this application alone (wire-protocol 8.1).
    if provider.kind == "oidc" and _audience(claims) != [provider.application_id]:
        raise TokenError(
            "Unauthenticated",
            "Could not verify the token: it is made for other audiences than "
            f"{provider.application_id} too.",
        )
    return claims


def _audience(claims: dict[str, Any]) -> list[str]:
    audience = claims.get("aud")
    entries = audience if isinstance(audience, list) else [audience]
    return [entry for entry in entries if isinstance(entry, str)]


def _address(issuer: str) -> str:
    """An issuer with its scheme, ``https`` where it has none, and without a slash at the end."""
    return (issuer if "://" in issuer else f"https://{issuer}").rstrip("/")
