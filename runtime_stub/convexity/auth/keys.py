"""The public keys of an issuer of identity tokens, fetched and kept for a while."""

from __future__ import annotations

import asyncio
import base64
import time
from typing import Any, Final
from urllib.parse import unquote_to_bytes

import httpx
import jwt
import orjson
from jwt import PyJWK, PyJWKSet

from convexity.auth.providers import AuthProvider
from convexity.auth.tokens import TokenError

FETCH_TIMEOUT: Final = 10.0
"""Seconds an issuer may take to answer."""
KEY_LIFETIME: Final = 300.0
"""Seconds after which keys are fetched again: how long a revoked key may still be accepted."""
RETRY_INTERVAL: Final = 10.0
"""Seconds between two fetches for a key id that is unknown, so that forged tokens cannot make us
flood the issuer."""
_MAX_DOCUMENT: Final = 1 << 20
_KEY_SET_TYPES: Final = ("application/json", "application/jwk-set+json")


class KeySet:
    """The keys of one provider."""

    def __init__(self, provider: AuthProvider, issuer: str) -> None:
        """Take the provider and its issuer as an address without a slash at the end."""
        self._provider = provider
        self._issuer = issuer
        self._keys: tuple[PyJWK, ...] = ()
        self._fetched: float | None = None
        self._fetching = asyncio.Lock()

    async def find(self, key_id: str | None, algorithm: str) -> PyJWK:
        """The key that signed a token.

        Args:
            key_id: The token's ``kid``; without one, the only key of the algorithm is meant.
            algorithm: The token's ``alg``.

        Raises:
            TokenError: there is no such key, or the keys cannot be had.
        """
        for oldest in (KEY_LIFETIME, RETRY_INTERVAL):
            await self._fetch_when_older_than(oldest)
            keys = [key for key in self._keys if _fits(key, key_id, algorithm)]
            if len(keys) == 1 or (keys and key_id is not None):
                return keys[0]
        what = "without a key id" if key_id is None else f"with the key id {key_id!r}"
        raise TokenError(
            "Unauthenticated",
            f"Could not verify the token: {self._issuer} has no single {algorithm} key {what}.",
        )

    def holds(self, key: PyJWK) -> bool:
        """Whether a key that :meth:`find` gave is still one, as far as is known without asking."""
        return (
            self._fetched is not None
            and time.monotonic() - self._fetched < KEY_LIFETIME
            and any(key is one for one in self._keys)
        )

    async def _fetch_when_older_than(self, seconds: float) -> None:
        async with self._fetching:
            now = time.monotonic()
            if self._fetched is not None and now - self._fetched < seconds:
                return
            try:
                document = await self._key_document()
                self._keys = tuple(PyJWKSet.from_dict(document).keys)
            except (httpx.HTTPError, httpx.InvalidURL, ValueError, jwt.PyJWTError) as error:
                if self._keys:
                    # An issuer that is down for a while must not lock everybody out.
                    self._fetched = now - KEY_LIFETIME + RETRY_INTERVAL
                    return
                raise TokenError(
                    "Unauthenticated",
                    f"Could not verify the token: the keys of {self._issuer} cannot be "
                    f"fetched: {error or type(error).__name__}.",
                ) from error
            self._fetched = now

    async def _key_document(self) -> dict[str, Any]:
        jwks = self._provider.jwks
        if jwks is not None and jwks.startswith("data:"):
            return _json_object(_data_uri_content(jwks), "the data: URI")
        async with httpx.AsyncClient(timeout=FETCH_TIMEOUT, follow_redirects=True) as client:
            if jwks is None:
                address = f"{self._issuer}/.well-known/openid-configuration"
                discovered = _json_object(await _get(client, address), address)
                if str(discovered.get("issuer", "")).rstrip("/") != self._issuer:
                    raise ValueError(f"{address} is about the issuer {discovered.get('issuer')!r}")
                jwks = discovered.get("jwks_uri")
                if not isinstance(jwks, str):
                    raise ValueError(f"{address} has no jwks_uri")
                return _json_object(await _get(client, jwks), jwks)
            return _json_object(await _get(client, jwks, _KEY_SET_TYPES), jwks)


async def _get(
    client: httpx.AsyncClient, address: str, content_types: tuple[str, ...] = ()
) -> bytes:
    async with client.stream("GET", address) as response:
        response.raise_for_status()
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_types and kind not in content_types:
            raise ValueError(f"{address} answers with {kind or 'no content type'}, not with JSON")
        content = b""
        async for part in response.aiter_bytes():
            content += part
            if len(content) > _MAX_DOCUMENT:
                raise ValueError(f"{address} answers with more than {_MAX_DOCUMENT} bytes")
        return content


def _json_object(content: bytes, origin: str) -> dict[str, Any]:
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"{origin} holds no JSON") from error
    if not isinstance(found, dict):
        raise ValueError(f"{origin} holds no JSON object")
    return found


def _data_uri_content(uri: str) -> bytes:
    head, _, data = uri.removeprefix("data:").partition(",")
    content = unquote_to_bytes(data)
    return base64.b64decode(content) if head.endswith(";base64") else content


def _fits(key: PyJWK, key_id: str | None, algorithm: str) -> bool:
    return (key_id is None or key.key_id == key_id) and key.algorithm_name in (algorithm, None)
