"""Mutations and actions of a socket (wire-protocol 3.6 and 3.7)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from secrets import token_hex
from typing import TYPE_CHECKING, NamedTuple

from convexity.database.engine import RequestKey
from convexity.errors import ConvexityError
from convexity.functions.disclosure import report
from convexity.functions.failure import function_error
from convexity.functions.paths import parse_path
from convexity.functions.result import FunctionResult
from convexity.sync.closing import TRY_AGAIN_LATER, SocketEndError
from convexity.sync.server_messages import Disclosure, function_response
from convexity.values.encoding import EncodingError
from convexity.values.limits import (
    MAX_ACTION_SIZE_PER_SOCKET,
    MAX_ACTIONS_PER_SOCKET,
    MAX_PENDING_MUTATION_SIZE_PER_SOCKET,
    MAX_PENDING_MUTATIONS_PER_SOCKET,
    MAX_SOCKET_MUTATION_TIME,
)

if TYPE_CHECKING:
    from convexity.auth.identity import Identity
    from convexity.backend import Backend
    from convexity.functions.meta import RequestMetadata
    from convexity.sync.client_messages import FunctionRequest


class _Pending(NamedTuple):
    """A request with the identity that the socket had when it came."""

    request: FunctionRequest
    identity: Identity
    once: RequestKey | None
    size: int


class RequestQueue:
    """Runs the mutations of a socket one after another, its actions at once.

    What runs when the socket ends goes on; what waits is dropped, for the client to send again.
    """

    def __init__(
        self,
        backend: Backend,
        metadata: RequestMetadata,
        respond: Callable[[bytes], Awaitable[None]],
        *,
        redact: bool,
    ) -> None:
        """Begin without requests.

        Args:
            backend: What runs functions.
            metadata: Facts about the socket.
            respond: Sends an answer.
            redact: Whether messages and log lines are kept from clients.
        """
        self._backend = backend
        self._metadata = metadata
        self._respond = respond
        self._redact = redact
        self._mutations: asyncio.Queue[_Pending] = asyncio.Queue()
        self._pending_mutations = 0
        self._pending_size = 0
        self._actions: set[asyncio.Task[None]] = set()
        self._is_closing = False
        self._answered = asyncio.Event()
        self._actions_size = 0
        self._failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def add(
        self, request: FunctionRequest, identity: Identity, session: bytes, *, size: int
    ) -> None:
        """Run a request in its turn.

        Args:
            request: What to run.
            identity: That of the socket.
            session: That of the client, within which the request has its number.
            size: Length of the message.

        Raises:
            SocketEndError: too many wait or run already.
        """
        if self._is_closing:
            return  # The client sends it again, to the next server.
        if request.kind == "mutation":
            if (
                self._pending_mutations >= MAX_PENDING_MUTATIONS_PER_SOCKET
                or self._pending_size + size > MAX_PENDING_MUTATION_SIZE_PER_SOCKET
            ):
                raise SocketEndError(TRY_AGAIN_LATER, "TooManyConcurrentMutations")
            self._pending_mutations += 1
            self._pending_size += size
            once = RequestKey(session, request.request_id)
            self._mutations.put_nowait(_Pending(request, identity, once, size))
            return
        if (
            len(self._actions) >= MAX_ACTIONS_PER_SOCKET
            or self._actions_size + size > MAX_ACTION_SIZE_PER_SOCKET
        ):
            raise SocketEndError(TRY_AGAIN_LATER, "TooManyInflightActionsForSingleClient")
        task = asyncio.create_task(self._answer(_Pending(request, identity, None, size)))
        self._actions.add(task)
        self._actions_size += size
        task.add_done_callback(partial(self._action_ended, size))

    async def serve_mutations(self) -> None:
        """Run mutations as they come, as long as the socket lives."""
        while True:
            pending = await self._mutations.get()
            async with asyncio.timeout(MAX_SOCKET_MUTATION_TIME):
                answered = await self._run(pending)
            self._pending_mutations -= 1
            self._pending_size -= pending.size
            await self._respond(answered)
            self._answered.set()

    async def finish(self) -> None:
        """Take no more requests, and wait until all that came are answered."""
        self._is_closing = True
        while self._pending_mutations or self._actions:
            self._answered.clear()
            await self._answered.wait()

    async def failed_actions(self) -> None:
        """Wait for an action that cannot be answered, and raise why."""
        await self._failure

    async def close(self) -> None:
        """Wait for no action any more."""
        actions = list(self._actions)
        for action in actions:
            action.cancel()
        await asyncio.gather(*actions, return_exceptions=True)
        self._failure.cancel()

    async def _answer(self, pending: _Pending) -> None:
        await self._respond(await self._run(pending))

    def _action_ended(self, size: int, task: asyncio.Task[None]) -> None:
        self._actions.discard(task)
        self._answered.set()
        self._actions_size -= size
        if task.cancelled() or self._failure.done():
            return
        error = task.exception()
        if error is not None:
            self._failure.set_exception(error)

    async def _run(self, pending: _Pending) -> bytes:
        """Run a function to its end, even if the socket ends before; the answer."""
        return await asyncio.shield(self._backend.keep(self._outcome(pending)))

    async def _outcome(self, pending: _Pending) -> bytes:
        request, identity, once, _ = pending
        metadata = replace(self._metadata, request_id=token_hex(8), auth_token=identity.token)
        try:
            path = parse_path(request.path)
        except ConvexityError as error:
            path, result = request.path, FunctionResult(error=function_error(error))
        else:
            result = await self._backend.runner.run(
                path,
                request.args,
                identity=identity,
                component=request.component or "",
                kind=request.kind,
                request=metadata,
                allow_internal=identity.is_admin,
                once=once,
            )
        ts = None
        if once is not None and result.error is None and result.ts is not None:
            # One that wrote nothing may name a time that no commit has.
            ts = min(result.ts, self._backend.engine.frontier)
        report(path, result.log_lines, result.error, request_id=metadata.request_id)
        shown = Disclosure(metadata.request_id, self._redact)
        try:
            return function_response(request.kind, request.request_id, result, ts, shown)
        except EncodingError as error:
            failed = replace(result, value=None, returns=None, error=function_error(error))
            return function_response(request.kind, request.request_id, failed, None, shown)
