"""What clients and the server's own log are told of the outcome of a call (wire-protocol 2.2)."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import orjson

from convexity.values import Unset
from convexity.values.encoding import EncodingError, encode_value

if TYPE_CHECKING:
    from convexity.functions.failure import FunctionError
    from convexity.functions.result import FunctionResult
    from convexity.values.encoding import Format


def error_message(error: FunctionError, *, request_id: str, redact: bool) -> str:
    """The text by which a client learns of a failure.

    Args:
        error: The failure.
        request_id: 16 hexadecimal digits that name the request to the client and in the log.
        redact: Whether the reason is kept from the client.
    """
    message = f"[Request ID: {request_id}] Server Error"
    return message if redact else printable(f"{message}\n{error.text}")


def error_data_json(error: FunctionError, format: Format) -> bytes | None:  # noqa: A002 - wire name
    """JSON of the data of a failure; ``None`` if it has none, or has data that is no value."""
    if isinstance(error.data, Unset):
        return None
    try:
        tree = encode_value(error.data, format)
    except EncodingError as problem:
        sys.stderr.write(f"the data of a ConvexError cannot be sent: {problem}\n")
        return None
    return orjson.dumps(tree, option=orjson.OPT_SORT_KEYS)


def log_lines_json(result: FunctionResult, *, redact: bool) -> bytes:
    """JSON array of the log lines that a client may see."""
    return orjson.dumps([] if redact else [printable(line) for line in result.log_lines])


def report(result: FunctionResult, *, path: str, request_id: str) -> None:
    """Write the log lines and the failure of a call to the server's own log, standard error."""
    lines = [f"[{path}] {line}" for line in result.log_lines]
    if result.error is not None:
        lines.append(f"[{path}] [Request ID: {request_id}] {result.error.text.rstrip()}")
    if lines:
        sys.stderr.write(printable("\n".join(lines)) + "\n")


def printable(text: str) -> str:
    """``text`` without lone surrogates, which have no UTF-8 form."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
