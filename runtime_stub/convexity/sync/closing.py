"""Ends of sockets: close codes, and what is said before (wire-protocol 3.9)."""

from __future__ import annotations

from typing import Final

from convexity.errors import RETRYABLE
from convexity.sync.server_messages import fatal_error

NORMAL: Final = 1000
TOO_BIG: Final = 1009
INTERNAL_ERROR: Final = 1011
SERVICE_RESTART: Final = 1012
"""The server stops; clients connect again."""
TRY_AGAIN_LATER: Final = 1013


class SocketEndError(Exception):
    """The server closes the socket.

    Attributes:
        code: Close code.
        reason: Short code; clients choose by it how long they wait before they connect again.
        message: Last message, if any.
    """

    def __init__(self, code: int, reason: str = "", message: bytes | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.message = message


def violation(problem: str) -> SocketEndError:
    """The client broke the protocol; the npm client does not connect again."""
    return SocketEndError(NORMAL, message=fatal_error(problem))


def invalid_json(problem: str) -> SocketEndError:
    """The client sent what is no message."""
    return violation(f"Received Invalid JSON on websocket: {problem}")


def socket_end(error: Exception) -> SocketEndError:
    """How a socket ends whose handling raised ``error``."""
    if isinstance(error, SocketEndError):
        return error
    for kind, code in RETRYABLE:
        if isinstance(error, kind):
            return SocketEndError(TRY_AGAIN_LATER, code)
    return SocketEndError(INTERNAL_ERROR, "InternalServerError")
