"""The payment provider over HTTP."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import httpx


class ProviderError(RuntimeError):
    """The provider refused a request."""


class PaymentClient:
    """Requests to the provider with one key."""

    def __init__(self, base_url: str, key: str) -> None:
        self._base_url = base_url
        self._headers = {"authorization": f"Bearer {key}"}

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send a body as JSON and return the answer."""
        async with httpx.AsyncClient(base_url=self._base_url, timeout=10) as client:
            response = await client.post(path, json=body, headers=self._headers)
        if response.is_error:
            raise ProviderError(f"{path} answered {response.status_code}")
        answer: dict[str, Any] = response.json()
        return answer


def is_signed(secret: str, body: bytes, signature: str) -> bool:
    """Whether a webhook's body was signed with the secret."""
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, signature)
