"""What a call over HTTP answers: ``{"status": ...}`` (wire-protocol 2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from convexity.functions.disclosure import error_data_json, error_message, log_lines_json

if TYPE_CHECKING:
    from convexity.functions.failure import FunctionError
    from convexity.functions.result import FunctionResult
    from convexity.values.encoding import Format


def success_answer(
    result: FunctionResult,
    *,
    format: Format,  # noqa: A002 - its name on the wire
    redact: bool,
) -> bytes:
    """JSON of the outcome of a function that returned.

    Args:
        result: The outcome.
        format: Format of the value (wire-protocol 1.5).
        redact: Whether log lines are kept from the client.
    """
    logs = _logs(result, redact=redact)
    return b'{"status":"success","value":' + result.result_json(format) + logs + b"}"


def error_answer(
    result: FunctionResult,
    error: FunctionError,
    *,
    format: Format,  # noqa: A002 - its name on the wire
    request_id: str,
    redact: bool,
) -> bytes:
    """JSON of the outcome of a function that failed.

    Args:
        result: The outcome.
        error: Its error.
        format: Format of error data (wire-protocol 1.5).
        request_id: 16 hexadecimal digits that name the request to the client and in the log.
        redact: Whether messages and log lines are kept from the client.
    """
    text = orjson.dumps(error_message(error, request_id=request_id, redact=redact))
    data = error_data_json(error, format)
    shown = b"" if data is None else b',"errorData":' + data
    logs = _logs(result, redact=redact)
    return b'{"status":"error","errorMessage":' + text + shown + logs + b"}"


def _logs(result: FunctionResult, *, redact: bool) -> bytes:
    if redact or not result.log_lines:
        return b""
    return b',"logLines":' + log_lines_json(result, redact=redact)
