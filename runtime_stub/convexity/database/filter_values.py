"""Values of filter fields, as search and vector indexes store them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

from convexity.database.paths import value_at
from convexity.values import Unset, Value
from convexity.values.ordering import encode_key

_DIGEST_BYTES: Final = 16


def filter_digest(value: Value | Unset) -> bytes:
    """Stands for a value: equal for values that are equal in the order of index keys only.

    Raises:
        EncodingError: it is no Convex value.
    """
    return blake2b(encode_key((value,)), digest_size=_DIGEST_BYTES).digest()


def filter_digests(document: Mapping[str, Any], fields: Sequence[str]) -> tuple[bytes, ...]:
    """The digests of the filter fields of a document, in order."""
    return tuple([filter_digest(value_at(document, field)) for field in fields])
