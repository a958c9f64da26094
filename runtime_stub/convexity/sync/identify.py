"""For whom a socket acts: from an ``Authenticate`` message to an identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.auth.admin_key import is_admin_key
from convexity.auth.identity import ADMIN, ANONYMOUS, Identity, acting_user
from convexity.auth.tokens import TokenError

if TYPE_CHECKING:
    from convexity.auth.verifier import TokenVerifier
    from convexity.sync.client_messages import Authenticate


async def identify(message: Authenticate, admin_key: str, tokens: TokenVerifier) -> Identity:
    """The identity that a message proves.

    Args:
        message: What the client sent.
        admin_key: Key of this deployment.
        tokens: What knows the issuers of bearer tokens.

    Raises:
        TokenError: the token or the key is not accepted.
    """
    match message.token_type:
        case "None":
            return ANONYMOUS
        case "User":
            return await tokens.identify(message.token)
        case "Admin":
            if not is_admin_key(message.token, admin_key):
                raise TokenError(
                    "Unauthenticated", "The admin key is not the key of this deployment."
                )
            if message.acting_as is None:
                return ADMIN
            return Identity(kind="admin", user=acting_user(dict(message.acting_as)))
