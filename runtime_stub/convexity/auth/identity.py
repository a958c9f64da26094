"""Identities of callers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NotRequired, TypedDict, cast


class UserIdentity(TypedDict):
    """What ``ctx.auth.get_user_identity()`` returns (wire-protocol 8.2).

    Further claims of the token are present under their own names; cast to ``Mapping[str, Value]``
    to read them.
    """

    tokenIdentifier: str
    subject: str
    issuer: str
    name: NotRequired[str]
    givenName: NotRequired[str]
    familyName: NotRequired[str]
    nickname: NotRequired[str]
    preferredUsername: NotRequired[str]
    profileUrl: NotRequired[str]
    pictureUrl: NotRequired[str]
    websiteUrl: NotRequired[str]
    email: NotRequired[str]
    emailVerified: NotRequired[bool]
    gender: NotRequired[str]
    birthday: NotRequired[str]
    timezone: NotRequired[str]
    language: NotRequired[str]
    phoneNumber: NotRequired[str]
    phoneNumberVerified: NotRequired[bool]
    address: NotRequired[str]
    updatedAt: NotRequired[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who makes a call: nobody, a user, an admin, or an admin acting as a user."""

    kind: Literal["anonymous", "user", "admin"] = "anonymous"
    user: UserIdentity | None = None
    """The user; for an admin, the user it acts as."""
    token: str | None = None
    """The bearer token that proved the identity."""
    expires_at: float | None = None
    """When the token expires, in seconds since the epoch; ``None``: never."""
    refusal: str | None = None
    """For an anonymous caller of an HTTP action: why its token was refused."""

    @property
    def is_admin(self) -> bool:
        """Whether internal functions may be called (wire-protocol 2.4)."""
        return self.kind == "admin"

    @property
    def is_plain_admin(self) -> bool:
        """Whether system functions may be called: an admin who acts as no user."""
        return self.kind == "admin" and self.user is None


ANONYMOUS = Identity()
"""The identity of a call without authorization."""

ADMIN = Identity(kind="admin")
"""An admin, and the runtime itself."""


def acting_user(identity: dict[str, Any], /) -> UserIdentity:
    """The identity an admin acts as, with ``tokenIdentifier`` filled in (wire-protocol 8.2)."""
    issuer, subject = identity.get("issuer", ""), identity.get("subject", "")
    return cast("UserIdentity", {"tokenIdentifier": f"{issuer}|{subject}", **identity})
