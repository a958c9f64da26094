"""What clients are told that want live queries: the socket of wire-protocol 3 is not served."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Final

import orjson

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

_SYNC: Final = re.compile(r"/+api(/+[^/]+)?/+sync/*")
_MESSAGE: Final = "live queries are not available yet: use ConvexHttpClient; see docs/status.md"
_BODY: Final = orjson.dumps({"code": "LiveQueriesNotAvailable", "message": _MESSAGE})
_HEADERS: Final = [
    (b"content-type", b"application/json"),
    (b"content-length", b"%d" % len(_BODY)),
]


class LiveQueryRefusal:
    """Refuses sockets, and says so in the server's own log once: clients try again for ever."""

    def __init__(self) -> None:
        self._was_logged = False

    @staticmethod
    def concerns(path: str) -> bool:
        """Whether a path is ``/api/sync`` or ``/api/<client version>/sync``."""
        return _SYNC.fullmatch(path) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the handshake: 501 with the reason, where the server can send that."""
        if not self._was_logged:
            self._was_logged = True
            sys.stderr.write(f"A client opened a WebSocket, but {_MESSAGE}\n")
        await receive()
        if "websocket.http.response" in scope.get("extensions", {}):
            start = {"type": "websocket.http.response.start", "status": 501, "headers": _HEADERS}
            await send(start)
            await send({"type": "websocket.http.response.body", "body": _BODY})
        else:
            await send({"type": "websocket.close", "code": 1011, "reason": _MESSAGE})
