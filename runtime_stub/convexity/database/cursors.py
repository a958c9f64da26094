"""Pagination cursors: positions in an index that clients hold but can neither read nor forge.

A cursor is bound to the query it came from by a fingerprint (wire-protocol 7.3). The same position
of the same query always gives the same text, so that equal pages are equal results. Hence the
construction: a keyed hash over fingerprint and position is both the proof of origin and the nonce
of the key stream that hides the position, since index keys hold values of fields.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from hashlib import blake2b, shake_256
from typing import Final

from convexity.errors import InvalidCursorError

_TAG_LENGTH: Final = 16
_END: Final = b"\x00"
_AFTER: Final = b"\x01"


@dataclass(frozen=True, slots=True)
class Position:
    """After the entry with ``key``, in the order of the query; ``None`` is the end."""

    key: bytes | None


END: Final = Position(None)


class CursorCodec:
    """Turns positions into cursors and back, with the secret of one deployment."""

    __slots__ = ("_hash_key", "_stream_key")

    def __init__(self, secret: bytes) -> None:
        self._hash_key: Final = blake2b(secret, digest_size=32, person=b"cursor-tag").digest()
        self._stream_key: Final = blake2b(secret, digest_size=32, person=b"cursor-mask").digest()

    def encode(self, position: Position, fingerprint: bytes) -> str:
        """The cursor for a position of the query with that fingerprint."""
        plain = _END if position.key is None else _AFTER + position.key
        tag = self._tag(plain, fingerprint)
        return base64.urlsafe_b64encode(tag + self._mask(plain, tag)).rstrip(b"=").decode("ascii")

    def decode(self, cursor: str, fingerprint: bytes) -> Position:
        """The position of a cursor that :meth:`encode` made for the same query.

        Raises:
            InvalidCursorError: it is no cursor, or one of another query or deployment.
        """
        try:
            data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        except (ValueError, binascii.Error):
            data = b""
        tag, hidden = data[:_TAG_LENGTH], data[_TAG_LENGTH:]
        plain = self._mask(hidden, tag)
        if not plain or not hmac.compare_digest(tag, self._tag(plain, fingerprint)):
            raise InvalidCursorError(
                "the cursor does not belong to this query; start again from the first page"
            )
        return END if plain == _END else Position(plain[1:])

    def _tag(self, plain: bytes, fingerprint: bytes) -> bytes:
        return blake2b(fingerprint + plain, digest_size=_TAG_LENGTH, key=self._hash_key).digest()

    def _mask(self, data: bytes, tag: bytes) -> bytes:
        stream = shake_256(self._stream_key + tag).digest(len(data))
        mixed = int.from_bytes(data, "big") ^ int.from_bytes(stream, "big")
        return mixed.to_bytes(len(data), "big")
