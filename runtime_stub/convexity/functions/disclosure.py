"""What clients and the server's own log are told of the outcome of a call (wire-protocol 2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from convexity import server_log
from convexity.values import Unset
from convexity.values.encoding import EncodingError, encode_value

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        server_log.complain(f"the data of a ConvexError cannot be sent: {problem}")
        return None
    return orjson.dumps(tree, option=orjson.OPT_SORT_KEYS)


def log_lines_json(result: FunctionResult, *, redact: bool) -> bytes:
    """JSON array of the log lines that a client may see."""
    return orjson.dumps([] if redact else [printable(line) for line in result.log_lines])


def report(
    path: str, log_lines: Sequence[str], error: FunctionError | None, *, request_id: str = ""
) -> None:
    """Write the log lines and the failure of a call to the server's own log.

    Args:
        path: Canonical path of the function.
        log_lines: What it logged.
        error: Why it failed, if it did.
        request_id: Names the request; empty for what no client asked for.
    """
    lines = [f"[{path}] {line}" for line in log_lines]
    fields: dict[str, object] = {
        "function": path,
        "requestId": request_id,
        "logLines": [printable(line) for line in log_lines],
    }
    if error is not None:
        request = f"[Request ID: {request_id}] " if request_id else ""
        lines.append(f"[{path}] {request}{error.text.rstrip()}")
        fields["error"] = error.text.rstrip()
    if lines:
        message = "log lines of a function" if error is None else "a function failed"
        server_log.tell("\n".join(lines), message, fields, failed=error is not None)


def printable(text: str) -> str:
    """``text`` without lone surrogates, which have no UTF-8 form."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
