"""HTTP connections of our own server: what costs time on every request is done once, or not at all.

uvicorn starts a task for each request, with objects by which an application can stream. A query
whose answer is at hand needs none of that: it is answered as soon as it is read. uvicorn also waits
for ever for the rest of a request's head.
"""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import TYPE_CHECKING, Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from convexity.http.function_routes import QUERY_PATH
from convexity.http.graceful import APPLICATION
from convexity.http.joined_writes import JoinedWrites
from convexity.http.repeated_queries import MAX_BODY
from convexity.http.responses import response_fields

if TYPE_CHECKING:
    from starlette.types import Scope
    from uvicorn._types import ASGI3Application
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

    from convexity.http.app import BackendApp


HEAD_TIME: Final = 60.0
"""Seconds within which the head of a request, or of a WebSocket handshake, must have arrived."""
_QUERY_TARGET: Final = QUERY_PATH.encode()


class Connection(HttpToolsProtocol):
    """uvicorn's protocol on a transport that joins writes, its requests apart from each other."""

    transport: JoinedWrites  # type: ignore[assignment]
    _application: BackendApp | None = None
    _head_timer: asyncio.TimerHandle | None = None
    _is_in_head = True
    _idle_since: float | None = None
    """When the last request was answered; ``None`` while there is one."""
    _held: bytes | None = None
    """The body so far of a request that may be answered at once; uvicorn knows nothing of it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to serve a connection."""
        super().connection_made(cast("asyncio.Transport", JoinedWrites(transport)))
        self._application = self.app_state.get(APPLICATION)
        self._watch_head()

    def data_received(self, data: bytes) -> None:
        """Read what arrived, and answer it or have it answered."""
        super().data_received(data)
        if self._held is not None:
            self._let_go(self._held)
        self._watch_head()

    def on_message_begin(self) -> None:
        """Begin to read a request."""
        self._is_in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Have a request answered whose head is there, unless its body may show it to be known."""
        self._is_in_head = False
        self._stop_head_timer()
        if self._may_be_known():
            self._held = b""
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body."""
        if self._held is None:
            super().on_body(body)
        elif len(self._held) + len(body) > MAX_BODY:
            self._let_go(self._held + body)
        else:
            self._held += body

    def on_message_complete(self) -> None:
        """Answer a request that is there as a whole."""
        if self._held is not None:
            answer = self._known_answer(self._held)
            if answer is not None:
                self._held = None
                self._answer(answer)
                return
            self._let_go(self._held)
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """End with the connection."""
        self._stop_head_timer()
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Go on with the next request, or wait for one."""
        if self.pipeline or self.transport.is_closing():
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        self.flow.resume_reading()
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._watch_idleness(self.timeout_keep_alive)

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection on which nothing was asked for long enough."""
        self.timeout_keep_alive_task = None
        if self._idle_since is None:
            return
        rest = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if rest > 0:
            self._watch_idleness(rest)
        else:
            super().timeout_keep_alive_handler()

    def _watch_idleness(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(
            seconds, self.timeout_keep_alive_handler
        )

    def _unset_keepalive_if_required(self) -> None:
        # The timer goes on, and looks when it ends: one per request would cost more than some do.
        self._idle_since = None

    def _may_be_known(self) -> bool:
        """Whether a request is a query that nothing stands in the way of answering at once."""
        application = self._application
        return (
            self.url == _QUERY_TARGET
            and self.parser.get_method() == b"POST"
            and self.parser.get_http_version() == "1.1"
            and self.parser.should_keep_alive()
            and not self.expect_100_continue
            and not self.parser.should_upgrade()
            and (self.cycle is None or self.cycle.response_complete)
            and not self.flow.write_paused
            and application is not None
            and not application.is_for_site(cast("Scope", self.scope))
        )

    def _known_answer(self, body: bytes) -> bytes | None:
        application = cast("BackendApp", self._application)
        try:
            return application.repeated_queries.answer_now(cast("Scope", self.scope), body)
        except Exception:  # It is told on the other way, if it lasts.
            return None

    def _let_go(self, body: bytes) -> None:
        """Leave a request to uvicorn."""
        self._held = None
        super().on_headers_complete()
        if body:
            super().on_body(body)

    def _answer(self, body: bytes) -> None:
        fields = response_fields(cast("Scope", self.scope), body)
        content = [b"HTTP/1.1 200 OK\r\n"]
        for name, value in (*self.server_state.default_headers, *fields):
            content += (name, b": ", value, b"\r\n")
        content += (b"\r\n", body)
        self.transport.write_now(b"".join(content))
        self.on_response_complete()

    def _watch_head(self) -> None:
        """Give a head that has not arrived as a whole its time; most come in one piece."""
        if self._is_in_head and self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_TIME, self.transport.abort)

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        # A request that came early is started by the sending of the answer before it. Started in
        # the context of an HTTP action, it would be one of its tasks, and end with it.
        Context().run(super()._start_asgi_task, cycle, app)
