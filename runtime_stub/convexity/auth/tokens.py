"""Why a bearer token is refused."""

from __future__ import annotations

from typing import Literal, TypeAlias

TokenErrorCode: TypeAlias = Literal["InvalidAuthHeader", "NoAuthProvider", "Unauthenticated"]


class TokenError(Exception):
    """A token that proves no identity (wire-protocol 8.1).

    Attributes:
        code: Code for programs.
        message: Text for people; it goes to the client.
    """

    def __init__(self, code: TokenErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
