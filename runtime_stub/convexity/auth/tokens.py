"""Why a bearer token is refused."""

from __future__ import annotations

from typing import Literal, TypeAlias

from convexity.functions.disclosure import printable

TokenErrorCode: TypeAlias = Literal["InvalidAuthHeader", "NoAuthProvider", "Unauthenticated"]


class TokenError(Exception):
    """A token that proves no identity (wire-protocol 8.1).

    Attributes:
        code: Code for programs.
        message: Text for people; it goes to the client.
    """

    def __init__(self, code: TokenErrorCode, message: str) -> None:
        # It may quote the token, whose JSON can hold what no text that is sent may.
        self.message = printable(message)
        self.code = code
        super().__init__(self.message)
