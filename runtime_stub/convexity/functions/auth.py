"""``ctx.auth``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from convexity.auth.identity import UserIdentity
from convexity.errors import UnauthenticatedError

if TYPE_CHECKING:
    from convexity.functions.invocation import Invocation


class Auth:
    """Who calls the function."""

    __slots__ = ("_invocation",)

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation

    async def get_user_identity(self) -> UserIdentity | None:
        """The caller's identity, ``None`` for an anonymous caller and for a plain admin.

        The result of a query that asks is cached per identity.

        Raises:
            UnauthenticatedError: in an HTTP action and what it calls: the request has a token that
                proves nothing. Elsewhere such a request does not get so far.
        """
        self._invocation.check_usable()
        call = self._invocation.call
        call.identity_read = True
        if call.identity.refusal is not None:
            raise UnauthenticatedError(call.identity.refusal)
        user = call.identity.user
        return None if user is None else cast("UserIdentity", dict(cast("dict[str, Any]", user)))
