"""One connected client: its versions, its identity, its queries and its requests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

import orjson

from convexity.auth.identity import ANONYMOUS
from convexity.auth.tokens import TokenError
from convexity.sync.client_messages import (
    AddQuery,
    Authenticate,
    Connect,
    FunctionRequest,
    MessageError,
    ModifyQuerySet,
    RemoveQuery,
    decode_message,
)
from convexity.sync.closing import NORMAL, SocketEndError, invalid_json, violation
from convexity.sync.identify import identify
from convexity.sync.query_set import QuerySet
from convexity.sync.requests import RequestQueue
from convexity.sync.server_messages import (
    CHUNK_SIZE,
    PING,
    StateVersion,
    auth_error,
    transition,
    transition_chunks,
)

if TYPE_CHECKING:
    from convexity.auth.identity import Identity
    from convexity.backend import Backend
    from convexity.functions.meta import RequestMetadata

HEARTBEAT_INTERVAL: Final = 15.0
"""Seconds without a message after which the client gets a ``Ping`` (wire-protocol 3.10)."""

MAX_WAITING_CHANGES: Final = 2**20
"""Text of changes that wait until a transition takes them, above which no more is read. A client
that takes no transitions would pile them up."""

_CLOCK_DIFFERENCE: Final = 0.1
"""Seconds by which the clock of timers may be ahead of that of tokens."""

Sender = Callable[[bytes], Awaitable[None]]


class Session:
    """The server's side of a socket, from ``Connect`` to its end.

    Whatever is sent waits until the client takes it. So a slow client has at most one transition on
    its way, and the next one is computed when it can be sent.
    """

    def __init__(
        self,
        backend: Backend,
        request: RequestMetadata,
        send: Sender,
        *,
        takes_chunks: bool = False,
    ) -> None:
        """Begin before the first message.

        Args:
            backend: What runs functions.
            request: Facts about the socket.
            send: Sends a text, and waits as long as the client takes no more.
            takes_chunks: Whether the client knows ``TransitionChunk``.
        """
        self._backend = backend
        self._send_text = send
        self._takes_chunks = takes_chunks
        self._sending = asyncio.Lock()
        self._work = asyncio.Event()
        self._identity: Identity = ANONYMOUS
        self._connected: Connect | None = None
        self._sent = StateVersion()
        self._received = StateVersion()
        self._changes: list[AddQuery | RemoveQuery | Identity] = []
        self._changes_size = 0
        self._room = asyncio.Event()
        self._expiry: asyncio.TimerHandle | None = None
        self._last_sent = 0.0
        redact = backend.settings.redact_errors
        self._queries = QuerySet(
            backend.queries,
            backend.engine,
            request,
            redact=redact,
            changed=self._work.set,
        )
        self.requests = RequestQueue(backend, request, self._respond, redact=redact)

    async def receive(self, text: str | bytes) -> None:
        """Take in a message of the client.

        Raises:
            SocketEndError: it breaks the protocol, or its token is refused.
        """
        try:
            message = decode_message(orjson.loads(text))
        except (orjson.JSONDecodeError, MessageError) as error:
            raise invalid_json(str(error)) from None
        if isinstance(message, Connect):
            await self._connect(message)
            return
        if self._connected is None:
            raise violation("The first message must be Connect")
        match message:
            case ModifyQuerySet():
                self._modify(message)
                await self._leave_room(len(text))
            case Authenticate():
                await self._authenticate(message)
                await self._leave_room(len(text))
            case FunctionRequest():
                self._require_valid_token()
                session = self._connected.session
                self.requests.add(message, self._identity, session, size=len(text))

    async def serve_transitions(self) -> None:
        """Tell the client what changes, as long as the socket lives."""
        while True:
            await self._work.wait()
            self._work.clear()
            self._require_valid_token()
            changes, self._changes = self._changes, []
            self._changes_size = 0
            self._room.set()
            target = self._received
            removed = []
            for change in changes:
                if isinstance(change, AddQuery | RemoveQuery):
                    removed.append(self._queries.modify(change))
                else:
                    self._queries.act_as(change)
            ts, updates = await self._queries.advance()
            end = StateVersion(target.query_set, target.identity, ts)
            parts = [*(part for part in removed if part is not None), *updates]
            message = transition(self._sent, end, parts)
            if self._takes_chunks and len(message) > CHUNK_SIZE:
                await self._send(*transition_chunks(message))
            else:
                await self._send(message)
            self._sent = end

    async def serve_heartbeats(self) -> None:
        """Send something whenever nothing else was sent for a while."""
        clock = asyncio.get_running_loop().time
        self._last_sent = clock()
        while True:
            await asyncio.sleep(self._last_sent + HEARTBEAT_INTERVAL - clock())
            if clock() - self._last_sent >= HEARTBEAT_INTERVAL:
                await self._send(PING)

    def close(self) -> None:
        """End all subscriptions."""
        self._end_at(None)
        self._queries.close()

    async def _connect(self, message: Connect) -> None:
        if self._connected is not None:
            raise violation("Connect was sent already")
        self._connected = message
        # What the client saw on another process of this database must not be ahead of this one.
        # A time that is ahead of the database itself comes from another one, and means nothing.
        observed = message.max_observed_timestamp
        if observed is not None and observed > self._backend.engine.frontier:
            await self._backend.engine.settle()

    def _modify(self, message: ModifyQuerySet) -> None:
        if message.base_version != self._received.query_set:
            raise violation(
                f"BaseVersionMismatch: Base version {message.base_version} passed up doesn't match "
                f"the current version {self._received.query_set}"
            )
        if message.new_version <= message.base_version:
            raise violation(
                f"BaseVersionMismatch: new version {message.new_version} does not come after "
                f"{message.base_version}"
            )
        self._received = StateVersion(message.new_version, self._received.identity)
        self._changes += message.modifications
        self._work.set()

    async def _authenticate(self, message: Authenticate) -> None:
        if message.base_version != self._received.identity:
            raise violation(
                f"BaseVersionMismatch: Base identity version {message.base_version} passed up "
                f"doesn't match the current version {self._received.identity}"
            )
        try:
            identity = await identify(message, self._backend.admin_key, self._backend.tokens)
        except TokenError as error:
            raise self._refused(error.message, attempted=True) from None
        self._identity = identity
        self._end_at(identity.expires_at)
        self._received = StateVersion(self._received.query_set, self._received.identity + 1)
        self._changes.append(identity)
        self._work.set()

    def _end_at(self, expiry: float | None) -> None:
        """Look at the token again when it expires, although nothing else may happen then."""
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None
        if expiry is not None:
            loop = asyncio.get_running_loop()
            seconds = max(0.0, expiry - time.time()) + _CLOCK_DIFFERENCE
            self._expiry = loop.call_later(seconds, self._work.set)

    def _require_valid_token(self) -> None:
        expiry = self._identity.expires_at
        if expiry is not None and expiry <= time.time():
            raise self._refused("Convex token identity expired", attempted=False)

    def _refused(self, reason: str, *, attempted: bool) -> SocketEndError:
        base_version = self._sent.identity
        message = auth_error(reason, base_version=base_version, update_attempted=attempted)
        return SocketEndError(NORMAL, message=message)

    async def _respond(self, message: bytes) -> None:
        """Answer a request; the client takes note of the answer with the transition after it."""
        await self._send(message)
        self._work.set()

    async def _leave_room(self, size: int) -> None:
        """Wait, if too many changes do."""
        self._changes_size += size
        if self._changes_size > MAX_WAITING_CHANGES:
            self._room.clear()
            await self._room.wait()

    async def _send(self, *messages: bytes) -> None:
        """Send messages one after the other, with nothing in between."""
        async with self._sending:
            for message in messages:
                await self._send_text(message)
                self._last_sent = asyncio.get_running_loop().time()
