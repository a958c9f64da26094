"""A client of the sync protocol that checks every rule of it that a client can check."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

PATIENCE = 60.0
"""Seconds after which a message that does not come fails the test."""


def to_ts(text: str) -> int:
    data = base64.b64decode(text, validate=True)
    assert len(data) == 8
    return int.from_bytes(data, "little")


def from_ts(ts: int) -> str:
    return base64.b64encode(ts.to_bytes(8, "little")).decode()


class SyncClient:
    """One connection. ``results`` holds what the server said last of each query.

    ``transitions`` keeps for each transition its time and the results after it.
    """

    def __init__(self, socket: ClientConnection, session: str) -> None:
        self.socket = socket
        self.session = session
        self.version = {"querySet": 0, "identity": 0, "ts": from_ts(0)}
        self.results: dict[int, dict[str, Any]] = {}
        self.transitions: list[tuple[int, dict[int, dict[str, Any]]]] = []
        self.responses: dict[int, dict[str, Any]] = {}
        self.messages: list[dict[str, Any]] = []
        self._query_set = 0
        self._identity = 0
        self._requests = 0
        self._chunks: list[dict[str, Any]] = []
        self._changed = asyncio.Condition()
        self._reading = asyncio.create_task(self._read())
        self.ended: Exception | None = None
        """Why nothing more comes; an ``AssertionError`` if the server broke a rule."""

    @property
    def ts(self) -> int:
        return to_ts(self.version["ts"])

    @property
    def observed(self) -> int:
        """The newest time that was seen."""
        answered = (to_ts(r["ts"]) for r in self.responses.values() if r.get("ts"))
        return max([self.ts, *answered])

    async def send(self, message: dict[str, Any]) -> None:
        await self.socket.send(json.dumps(message))

    async def hello(self, *, observed: int | None = None, count: int = 0) -> Self:
        message: dict[str, Any] = {
            "type": "Connect",
            "sessionId": self.session,
            "connectionCount": count,
            "lastCloseReason": "InitialConnect",
            "clientTs": 0,
        }
        if observed is not None:
            message["maxObservedTimestamp"] = from_ts(observed)
        await self.send(message)
        return self

    async def modify(self, *modifications: dict[str, Any]) -> int:
        """Change the query set; the number of its new version."""
        base, self._query_set = self._query_set, self._query_set + 1
        await self.send(
            {
                "type": "ModifyQuerySet",
                "baseVersion": base,
                "newVersion": self._query_set,
                "modifications": list(modifications),
            }
        )
        return self._query_set

    async def add(
        self, query_id: int, path: str, /, journal: str | None = None, **args: Any
    ) -> int:
        added = {"type": "Add", "queryId": query_id, "udfPath": path, "args": [args]}
        return await self.modify({**added, "journal": journal})

    async def remove(self, query_id: int) -> int:
        return await self.modify({"type": "Remove", "queryId": query_id})

    async def authenticate(self, token_type: str, **fields: Any) -> int:
        """Change the identity; the number of its new version."""
        base, self._identity = self._identity, self._identity + 1
        await self.send(
            {"type": "Authenticate", "baseVersion": base, "tokenType": token_type, **fields}
        )
        return self._identity

    async def request(self, kind: str, path: str, /, number: int | None = None, **args: Any) -> int:
        """Send a mutation or an action; its number."""
        if number is None:
            number, self._requests = self._requests, self._requests + 1
        fields = {"requestId": number, "udfPath": path, "args": [args]}
        await self.send({"type": kind.capitalize(), **fields})
        return number

    async def call(self, kind: str, path: str, /, **args: Any) -> dict[str, Any]:
        """The response to a mutation or an action."""
        return await self.response(await self.request(kind, path, **args))

    async def response(self, number: int) -> dict[str, Any]:
        await self.until(lambda: number in self.responses)
        return self.responses[number]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that messages bring about."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: condition() or self.ended is not None)
        if not condition():
            raise AssertionError("the socket was closed before") from self.ended

    async def at_query_set(self, version: int) -> None:
        await self.until(lambda: self.version["querySet"] >= version)

    async def at_identity(self, version: int) -> None:
        await self.until(lambda: self.version["identity"] >= version)

    async def at_ts(self, ts: int) -> None:
        await self.until(lambda: self.ts >= ts)

    async def catch_up(self) -> None:
        """Wait for a transition that knows of everything answered so far."""
        await self.at_query_set(await self.modify())

    def value(self, query_id: int) -> Any:
        result = self.results[query_id]
        assert result["type"] == "QueryUpdated", result
        return result["value"]

    async def close_code(self) -> int | None:
        """The code with which the server closes the socket."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: self.ended is not None)
        assert isinstance(self.ended, ConnectionClosed)
        return self.ended.rcvd.code if self.ended.rcvd is not None else None

    async def stop(self) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        await self.socket.close()

    async def _read(self) -> None:
        try:
            async for text in self.socket:
                message = json.loads(text)
                async with self._changed:
                    self._take(message)
                    self._changed.notify_all()
            raise ConnectionClosed(self.socket.protocol.close_rcvd, None)
        except Exception as error:
            async with self._changed:
                self.ended = error
                self._changed.notify_all()

    def _take(self, message: dict[str, Any]) -> None:
        self.messages.append(message)
        assert not self._chunks or message["type"] == "TransitionChunk", "between chunks"
        match message["type"]:
            case "TransitionChunk":
                self._join(message)
            case "Transition":
                self._move(message)
            case "MutationResponse" | "ActionResponse":
                assert message["requestId"] not in self.responses, "answered twice"
                self.responses[message["requestId"]] = message

    def _join(self, chunk: dict[str, Any]) -> None:
        assert chunk["partNumber"] == len(self._chunks)
        self._chunks.append(chunk)
        assert len({(one["totalParts"], one["transitionId"]) for one in self._chunks}) == 1
        if len(self._chunks) == chunk["totalParts"]:
            text = "".join(one["chunk"] for one in self._chunks)
            self._chunks = []
            self._take(json.loads(text))

    def _move(self, message: dict[str, Any]) -> None:
        start, end = message["startVersion"], message["endVersion"]
        assert start == self.version, "a gap between transitions"
        for part in ("querySet", "identity"):
            assert end[part] >= start[part]
        assert to_ts(end["ts"]) >= to_ts(start["ts"]), "time goes back"
        for change in message["modifications"]:
            query_id = change["queryId"]
            if change["type"] == "QueryRemoved":
                self.results.pop(query_id, None)  # its addition may be in the same transition
                continue
            assert isinstance(change["logLines"], list)
            assert "journal" in change
            before = self.results.get(query_id)
            assert before is None or _shown(before) != _shown(change), "sent without a change"
            self.results[query_id] = change
        self.version = end
        self.transitions.append((self.ts, dict(self.results)))


def _shown(result: dict[str, Any]) -> dict[str, Any]:
    """A result without the number of the request, which every failure has for itself."""
    text = result.get("errorMessage", "").partition("\n")[2]
    return {**result, "errorMessage": text}


@contextlib.asynccontextmanager
async def sync_client(
    port: int, *, session: str | None = None, path: str = "/api/1.48.0/sync", greet: bool = True
) -> AsyncIterator[SyncClient]:
    """A client that is connected, and has said so unless ``greet`` is false."""
    socket = await connect(
        f"ws://127.0.0.1:{port}{path}", max_size=2**26, ping_interval=None, open_timeout=PATIENCE
    )
    client = SyncClient(socket, session or str(uuid.uuid4()))
    try:
        yield await client.hello() if greet else client
    finally:
        await client.stop()
