"""Errors of requests: anything but 200, with a body ``{"code", "message"}`` (wire-protocol 2.3).

A function that fails is no error of the request; its answer has status 200.
"""

from __future__ import annotations

from convexity.errors import RETRYABLE


class RequestError(Exception):
    """A request that is answered with an error.

    Attributes:
        status: HTTP status.
        code: Short code for programs, such as ``BadJsonBody``.
        message: Text for people.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class ClientGoneError(Exception):
    """The client closed the connection before its request was complete; nobody reads an answer."""


def bad_body(message: str) -> RequestError:
    """400 ``BadJsonBody``."""
    return RequestError(400, "BadJsonBody", message)


def bad_admin_key() -> RequestError:
    """403 ``BadDeployKey``."""
    return RequestError(
        403, "BadDeployKey", "The admin key is missing or is not the key of this deployment."
    )


def internal_error() -> RequestError:
    """500, which tells nothing; the server's log does."""
    return RequestError(
        500,
        "InternalServerError",
        "Your request couldn't be completed. Try again later.",
    )


def request_error(error: Exception) -> RequestError:
    """The answer to a request whose handling raised ``error``."""
    if isinstance(error, RequestError):
        return error
    for kind, code in RETRYABLE:
        if isinstance(error, kind):
            return RequestError(503, code, str(error))
    return internal_error()
