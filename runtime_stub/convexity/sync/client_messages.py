"""Messages of clients (wire-protocol 3.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from convexity.sync.timestamps import decode_timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect:
    """The first message of a socket."""

    session: bytes
    """The 16 bytes of the session's id; the npm client keeps it when it connects again."""
    max_observed_timestamp: int | None
    """Newest time that the client has seen, in nanoseconds since the epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticate:
    """From now on the socket acts for somebody else."""

    base_version: int
    token_type: TokenType
    token: str
    """Bearer token or admin key; empty for nobody."""
    acting_as: Mapping[str, Any] | None
    """The user as whom an admin acts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddQuery:
    """Subscribe to a query."""

    query_id: int
    path: str
    args: list[Any]
    journal: str | None
    component: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveQuery:
    """End a subscription."""

    query_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModifyQuerySet:
    """Subscriptions that begin and end."""

    base_version: int
    new_version: int
    modifications: tuple[AddQuery | RemoveQuery, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionRequest:
    """A mutation or an action to run."""

    kind: Literal["mutation", "action"]
    request_id: int
    path: str
    args: list[Any]
    component: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the client reports about its connection; it is not used."""


ClientMessage: TypeAlias = Connect | Authenticate | ModifyQuerySet | FunctionRequest | Event

TokenType: TypeAlias = Literal["User", "Admin", "None"]

_UINT32: Final = 2**32
_TOKEN_TYPES: Final[dict[str, TokenType]] = {"User": "User", "Admin": "Admin", "None": "None"}


class MessageError(Exception):
    """A text is no message of the protocol."""


def decode_message(tree: object) -> ClientMessage:
    """The message that a JSON tree stands for; unknown keys are passed over.

    Raises:
        MessageError: it is none; the text names the key and what it must be.
    """
    fields = _Fields(tree, "message")
    match fields.text("type"):
        case "Connect":
            return _connect(fields)
        case "Authenticate":
            return _authenticate(fields)
        case "ModifyQuerySet":
            modifications = fields.list("modifications")
            return ModifyQuerySet(
                base_version=fields.uint32("baseVersion"),
                new_version=fields.uint32("newVersion"),
                modifications=tuple(_modification(item) for item in modifications),
            )
        case "Mutation":
            return _function_request(fields, "mutation")
        case "Action":
            return _function_request(fields, "action")
        case "Event":
            return Event()
        case other:
            raise MessageError(f"there is no message of type {other!r}")


def _connect(fields: _Fields) -> Connect:
    session = fields.text("sessionId")
    fields.uint32("connectionCount")
    observed = fields.get("maxObservedTimestamp")
    try:
        return Connect(
            session=UUID(session).bytes,
            max_observed_timestamp=None if observed is None else decode_timestamp(observed),
        )
    except ValueError as error:
        raise MessageError(f"`sessionId` or `maxObservedTimestamp`: {error}") from None


def _authenticate(fields: _Fields) -> Authenticate:
    token_type = fields.text("tokenType")
    acting_as = fields.get("impersonating", fields.get("acting_as"))
    if acting_as is not None and not isinstance(acting_as, dict):
        raise MessageError("`impersonating` must be an object")
    if token_type not in _TOKEN_TYPES:
        raise MessageError(f"there is no `tokenType` {token_type!r}: expected User, Admin or None")
    return Authenticate(
        base_version=fields.uint32("baseVersion"),
        token_type=_TOKEN_TYPES[token_type],
        token="" if token_type == "None" else fields.text("value"),
        acting_as=acting_as,
    )


def _modification(tree: object) -> AddQuery | RemoveQuery:
    fields = _Fields(tree, "modification")
    match fields.text("type"):
        case "Add":
            return AddQuery(
                query_id=fields.uint32("queryId"),
                path=fields.text("udfPath"),
                args=fields.list("args"),
                journal=fields.optional_text("journal"),
                component=fields.optional_text("componentPath"),
            )
        case "Remove":
            return RemoveQuery(query_id=fields.uint32("queryId"))
        case other:
            raise MessageError(f"there is no modification of type {other!r}")


def _function_request(fields: _Fields, kind: Literal["mutation", "action"]) -> FunctionRequest:
    return FunctionRequest(
        kind=kind,
        request_id=fields.uint32("requestId"),
        path=fields.text("udfPath"),
        args=fields.list("args"),
        component=fields.optional_text("componentPath"),
    )


class _Fields:
    """Entries of a JSON object, read by type."""

    def __init__(self, tree: object, what: str) -> None:
        if not isinstance(tree, dict):
            raise MessageError(f"a {what} must be a JSON object")
        self._entries: dict[str, Any] = tree

    def get(self, name: str, default: object = None) -> Any:
        return self._entries.get(name, default)

    def text(self, name: str) -> str:
        value = self._entries.get(name)
        if not isinstance(value, str):
            raise MessageError(f"`{name}` is missing or no string")
        return value

    def optional_text(self, name: str) -> str | None:
        return None if self._entries.get(name) is None else self.text(name)

    def uint32(self, name: str) -> int:
        value = self._entries.get(name)
        if type(value) is not int or not 0 <= value < _UINT32:
            raise MessageError(f"`{name}` is missing or no integer from 0 to {_UINT32 - 1}")
        return value

    def list(self, name: str) -> list[Any]:
        value = self._entries.get(name)
        if not isinstance(value, list):
            raise MessageError(f"`{name}` is missing or no array")
        return value
