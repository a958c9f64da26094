"""Values and errors on their way between the server and its worker processes.

The encoding of wire-protocol 1, but plain integers stay integers and an absent value stays absent:
on the receiving side a validator decides what they stand for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from convexity.errors import RemoteFunctionError
from convexity.functions.failure import function_error
from convexity.values import UNSET, ConvexError, Int64, Unset
from convexity.values.encoding import EncodingError, check_string, decode_value, encode_value

_INT: Final = "$int"
_UNSET: Final = "$unset"
"""Keys that no object has: ``$`` is reserved."""


def pack(value: object, /) -> Any:
    """The JSON tree of a value.

    Raises:
        EncodingError: the value holds something that is no Convex value.
    """
    if isinstance(value, str):
        check_string(value)
        return value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Unset):
        return {_UNSET: True}
    if isinstance(value, int) and not isinstance(value, Int64):
        return {_INT: str(int(value))}
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str) or key.startswith("$"):
                raise EncodingError(f"{key!r} cannot be the name of a field")
            check_string(key)
        return {key: pack(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [pack(item) for item in value]
    return encode_value(value)


def unpack(tree: Any, /) -> Any:
    """The value that :func:`pack` made a tree of."""
    if isinstance(tree, list):
        return [unpack(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    if _INT in tree:
        return int(tree[_INT])
    if _UNSET in tree:
        return UNSET
    if any(key.startswith("$") for key in tree):
        return decode_value(tree)
    return {key: unpack(item) for key, item in tree.items()}


def pack_error(error: BaseException, /) -> dict[str, Any]:
    """What the other process needs to raise what stands for ``error``."""
    failure = function_error(error)
    packed: dict[str, Any] = {
        "name": type(error).__name__,
        "message": failure.message,
        "frames": list(failure.frames),
    }
    if isinstance(error, ConvexError):
        try:
            packed["data"] = encode_value(error.data)
        except EncodingError:
            packed["message"] += " (its data is no Convex value)"
    return packed


def unpack_error(packed: Mapping[str, Any], path: str, /) -> Exception:
    """A ``ConvexError`` with its data, or the error of a function that failed otherwise.

    Args:
        packed: What :func:`pack_error` made.
        path: Wire path of the function that failed.
    """
    if "data" in packed:
        return ConvexError(decode_value(packed["data"]))
    message = packed["message"]
    return RemoteFunctionError(
        f"{path} failed: {message}", name=path, reported=message, frames=packed["frames"]
    )
