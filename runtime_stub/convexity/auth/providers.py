"""Declarations of ``auth_config.py``: which issuers of identity tokens are trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from convexity.errors import DefinitionError

JwtAlgorithm: TypeAlias = Literal["RS256", "ES256"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthProvider:
    """An issuer of identity tokens (wire-protocol 8.1)."""

    kind: Literal["oidc", "custom_jwt"]
    issuer: str
    application_id: str | None
    jwks: str | None = None
    """Where a custom issuer publishes its keys; an OIDC issuer says so itself."""
    algorithm: JwtAlgorithm | None = None


@dataclass(frozen=True, slots=True)
class AuthConfig:
    """The trusted issuers in the order in which they are tried."""

    providers: tuple[AuthProvider, ...]


def define_auth(*providers: AuthProvider) -> AuthConfig:
    """Declare the trusted issuers; bind the result to ``auth`` in ``auth_config.py``."""
    for provider in providers:
        if not isinstance(provider, AuthProvider):
            raise DefinitionError(
                f"define_auth() takes oidc_provider(...) and custom_jwt_provider(...), "
                f"not {provider!r}"
            )
    return AuthConfig(providers)


def oidc_provider(*, domain: str, application_id: str) -> AuthProvider:
    """Declare an OpenID Connect issuer.

    Args:
        domain: the issuer, with or without ``https://``.
        application_id: the audience its tokens must be made for.
    """
    _require(domain, "domain", "the issuer's address, such as 'https://login.example.com'")
    _require(application_id, "application_id", "the audience of the tokens")
    return AuthProvider(kind="oidc", issuer=domain, application_id=application_id)


def custom_jwt_provider(
    *, issuer: str, jwks: str, algorithm: JwtAlgorithm, application_id: str | None = None
) -> AuthProvider:
    """Declare an issuer of JSON web tokens that is no OpenID Connect provider.

    Args:
        issuer: the ``iss`` claim of its tokens.
        jwks: address of its key set, ``https://...`` or a ``data:`` URI.
        algorithm: how its tokens are signed.
        application_id: the audience that tokens must contain; default, any.
    """
    _require(issuer, "issuer", "the `iss` claim of the tokens")
    if urlsplit(jwks).scheme not in ("http", "https", "data"):
        raise DefinitionError(f"jwks={jwks!r} must be an http(s) address or a data: URI")
    if algorithm not in ("RS256", "ES256"):
        raise DefinitionError(f"algorithm={algorithm!r} must be 'RS256' or 'ES256'")
    return AuthProvider(
        kind="custom_jwt",
        issuer=issuer,
        application_id=application_id,
        jwks=jwks,
        algorithm=algorithm,
    )


def _require(value: str, name: str, meaning: str) -> None:
    if not isinstance(value, str) or not value:
        raise DefinitionError(f"{name}={value!r} must be {meaning}")
