"""Tokens of upload URLs: stateless, signed, valid for an hour (wire-protocol 4.1)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Final

from convexity.values.limits import UPLOAD_URL_VALIDITY

_TIME: Final = 8
"""Bytes of the time of issue, in milliseconds since the epoch."""
_VALIDITY: Final = timedelta(seconds=UPLOAD_URL_VALIDITY)


class UploadTokenError(Exception):
    """A token that is not accepted.

    Attributes:
        code: Short code for programs.
        message: Text for people.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class UploadTokens:
    """Issues tokens and knows its own again."""

    def __init__(self, secret: bytes) -> None:
        """Take the secret that signs."""
        self._secret = secret

    def issue(self, now: datetime, component: str = "") -> str:
        """A token that is valid from ``now`` for an hour, for any number of uploads.

        Args:
            now: The time.
            component: Path of the component that the files are for.
        """
        issued = int(now.timestamp() * 1000).to_bytes(_TIME, "big")
        return (
            base64.urlsafe_b64encode(issued + self._signature(issued, component))
            .rstrip(b"=")
            .decode()
        )

    def check(self, token: str, now: datetime, component: str = "") -> None:
        """Accept a token for files of a component.

        Raises:
            UploadTokenError: it is not ours, or too old.
        """
        try:
            padded = token.encode("ascii") + b"=" * (-len(token) % 4)
            content = base64.b64decode(padded, altchars=b"-_", validate=True)
        except (UnicodeEncodeError, binascii.Error):
            content = b""
        issued, signature = content[:_TIME], content[_TIME:]
        if not hmac.compare_digest(signature, self._signature(issued, component)):
            raise UploadTokenError(
                "StorageTokenInvalid", "The upload URL is not one of this deployment."
            )
        until = datetime.fromtimestamp(int.from_bytes(issued, "big") / 1000, UTC) + _VALIDITY
        if now >= until:
            raise UploadTokenError(
                "StorageTokenExpired",
                "The upload URL has expired: it is valid for an hour; ask for a new one.",
            )

    def _signature(self, issued: bytes, component: str) -> bytes:
        signed = b"upload" + issued + component.encode("utf-8", "surrogatepass")
        return hmac.new(self._secret, signed, hashlib.sha256).digest()
