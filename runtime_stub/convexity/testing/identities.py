"""Who makes the calls of a test."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final, TypedDict

import orjson

from convexity.auth.identity import Identity, acting_user

ISSUER: Final = "https://convexity.test"
"""Issuer of identities that name none."""


class PartialIdentity(TypedDict, total=False):
    """What a test says about a user; the fields of ``UserIdentity``.

    Left out, ``issuer`` is :data:`ISSUER`, ``subject`` follows from the other fields, so that
    different users have different ones, and ``tokenIdentifier`` is made of both.
    """

    tokenIdentifier: str
    subject: str
    issuer: str
    name: str
    givenName: str
    familyName: str
    nickname: str
    preferredUsername: str
    profileUrl: str
    pictureUrl: str
    websiteUrl: str
    email: str
    emailVerified: bool
    gender: str
    birthday: str
    timezone: str
    language: str
    phoneNumber: str
    phoneNumberVerified: bool
    address: str
    updatedAt: str


def completed(given: Mapping[str, Any]) -> dict[str, Any]:
    """``given`` with the fields that every identity has."""
    digest = hashlib.sha256(orjson.dumps(dict(given), option=orjson.OPT_SORT_KEYS))
    defaults = {"issuer": ISSUER, "subject": digest.hexdigest()[:16]}
    return dict(acting_user({**defaults, **given}))


def user(fields: dict[str, Any]) -> Identity:
    """The identity of a user with these fields."""
    return Identity(kind="user", user=acting_user(fields))
