"""What a function call answers: ``{"status": ...}`` (wire-protocol 2.2)."""

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


def answer(
    result: FunctionResult,
    *,
    format: Format,  # noqa: A002 - its name on the wire
    request_id: str,
    redact: bool,
) -> bytes:
    """JSON of the outcome of a call.

    Args:
        result: The outcome.
        format: Format of the value and of error data (wire-protocol 1.5).
        request_id: 16 hexadecimal digits that name the request to the client and in the log.
        redact: Whether messages and log lines are kept from the client.
    """
    logs = b""
    if result.log_lines and not redact:
        logs = b',"logLines":' + orjson.dumps([printable(line) for line in result.log_lines])
    error = result.error
    if error is None:
        return b'{"status":"success","value":' + result.result_json(format) + logs + b"}"
    message = f"[Request ID: {request_id}] Server Error"
    if not redact:
        message += f"\n{error.text}"
    text = orjson.dumps(printable(message))
    return b'{"status":"error","errorMessage":' + text + _data(error, format) + logs + b"}"


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


def _data(error: FunctionError, format: Format) -> bytes:  # noqa: A002 - its name on the wire
    """The ``errorData`` entry; none for an error that has no data, or data that is no value."""
    if isinstance(error.data, Unset):
        return b""
    try:
        tree = encode_value(error.data, format)
    except EncodingError as problem:
        sys.stderr.write(f"the data of a ConvexError cannot be sent: {problem}\n")
        return b""
    return b',"errorData":' + orjson.dumps(tree, option=orjson.OPT_SORT_KEYS)
