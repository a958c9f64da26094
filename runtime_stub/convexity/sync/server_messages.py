"""Messages to clients, as JSON texts (wire-protocol 3.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, Final

import orjson

from convexity.functions.disclosure import error_data_json, error_message, log_lines_json
from convexity.sync.timestamps import encode_timestamp

if TYPE_CHECKING:
    from convexity.functions.registry import FunctionKind
    from convexity.functions.result import FunctionResult

PING: Final = b'{"type":"Ping"}'
CHUNK_SIZE: Final = 5_000_000
"""Bytes of a transition above which it is cut, and of each part but the last (wire-protocol
3.11)."""


@dataclass(frozen=True, slots=True)
class StateVersion:
    """What a client knows: both sides start from zero at every connection (wire-protocol 3.5)."""

    query_set: int = 0
    identity: int = 0
    ts: int = 0

    def to_json(self) -> bytes:
        """JSON of the version."""
        return b'{"querySet":%d,"identity":%d,"ts":"%s"}' % (
            self.query_set,
            self.identity,
            encode_timestamp(self.ts).encode(),
        )


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What a client may know of a call."""

    request_id: str
    """Names the request in error messages."""
    redact: bool
    """Whether messages and log lines are kept from clients."""


def transition(start: StateVersion, end: StateVersion, modifications: Iterable[bytes]) -> bytes:
    """``Transition``: what changed from one version to the next."""
    return b'{"type":"Transition","startVersion":%s,"endVersion":%s,"modifications":[%s]}' % (
        start.to_json(),
        end.to_json(),
        b",".join(modifications),
    )


def transition_chunks(message: bytes) -> Iterator[bytes]:
    """``TransitionChunk``: the parts of a transition, to be sent with nothing in between."""
    texts, start = [], 0
    while start < len(message):
        end = min(start + CHUNK_SIZE, len(message))
        while end < len(message) and message[end] & 0xC0 == 0x80:  # Not inside of a character.
            end -= 1
        texts.append(message[start:end])
        start = end
    transition_id = token_hex(8)
    for number, text in enumerate(texts):
        yield orjson.dumps(
            {
                "type": "TransitionChunk",
                "chunk": text.decode(),
                "partNumber": number,
                "totalParts": len(texts),
                "transitionId": transition_id,
            }
        )


def query_removed(query_id: int) -> bytes:
    """``QueryRemoved``, part of a transition."""
    return b'{"type":"QueryRemoved","queryId":%d}' % query_id


def query_updated(query_id: int, outcome: bytes) -> bytes:
    """``QueryUpdated`` or ``QueryFailed``, part of a transition; see :func:`query_outcome`."""
    return b'{"queryId":%d,%s' % (query_id, outcome)


def query_outcome(result: FunctionResult, journal: str | None, shown: Disclosure) -> bytes:
    """What all subscribers of a query get, after the id that each gave it."""
    name = b"QueryUpdated" if result.error is None else b"QueryFailed"
    return b'"type":"%s",%s,"logLines":%s,"journal":%s}' % (
        name,
        _outcome(result, shown, success=b"value", failure=b"errorMessage"),
        log_lines_json(result, redact=shown.redact),
        orjson.dumps(journal),
    )


def function_response(
    kind: FunctionKind, request_id: int, result: FunctionResult, ts: int | None, shown: Disclosure
) -> bytes:
    """``MutationResponse``, with the time of the commit, or ``ActionResponse``."""
    time = b"" if ts is None else b',"ts":"%s"' % encode_timestamp(ts).encode()
    return b'{"type":"%sResponse","requestId":%d,"success":%s,%s,"logLines":%s%s}' % (
        kind.capitalize().encode(),
        request_id,
        b"true" if result.error is None else b"false",
        _outcome(result, shown, success=b"result", failure=b"result"),
        log_lines_json(result, redact=shown.redact),
        time,
    )


def auth_error(message: str, *, base_version: int, update_attempted: bool) -> bytes:
    """``AuthError``: a token is not accepted, or not any more."""
    return orjson.dumps(
        {
            "type": "AuthError",
            "error": message,
            "baseVersion": base_version,
            "authUpdateAttempted": update_attempted,
        }
    )


def fatal_error(message: str) -> bytes:
    """``FatalError``: the client breaks the protocol, and connecting again would not help."""
    return orjson.dumps({"type": "FatalError", "error": message})


def _outcome(result: FunctionResult, shown: Disclosure, *, success: bytes, failure: bytes) -> bytes:
    error = result.error
    if error is None:
        return b'"%s":%s' % (success, result.result_json())
    text = error_message(error, request_id=shown.request_id, redact=shown.redact)
    fields = b'"%s":%s' % (failure, orjson.dumps(text))
    data = error_data_json(error, "convex_encoded_json")
    return fields if data is None else b'%s,"errorData":%s' % (fields, data)
