"""Requests for queries that came before, answered without reading them again.

Pages ask for the same things over and over. A request whose body is known needs no JSON read: what
it asks for is known, and mostly the answer too. Who asks is looked at each time.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from convexity.http.authorization import known_identity
from convexity.http.headers import header

if TYPE_CHECKING:
    from starlette.types import Scope

    from convexity.auth.identity import Identity
    from convexity.backend import Backend
    from convexity.http.calls import FunctionCall
    from convexity.sync.query_result import QueryResult, Question
    from convexity.values.encoding import Format

MAX_BODY: Final = 2048
"""Bytes of a body that is remembered."""
_CAPACITY: Final = 8 * 2**20
"""Bytes, about, of what is remembered; what was asked first goes first."""
_BASE_SIZE: Final = 512
"""Bytes that a request takes beside its texts, about."""

_Request: TypeAlias = tuple[bytes, str | None, str | None]
"""A body, and the headers that say how it is read: its type, and the client."""


class _Asked(NamedTuple):
    question: Question
    format: Format


class RepeatedQueries:
    """Remembers what requests ask for, and answers them by results that still hold."""

    def __init__(self, backend: Backend) -> None:
        """Take the backend, which need not have started."""
        self._backend = backend
        self._asked: OrderedDict[_Request, _Asked] = OrderedDict()
        self._size = 0

    def answer_now(self, scope: Scope, body: bytes) -> bytes | None:
        """What :meth:`answer` gives, if that needs no waiting."""
        known = self._known(scope, body)
        if known is None:
            return None
        asked, identity = known
        return self._json(asked, self._backend.queries.find_now(asked.question, identity))

    async def answer(self, scope: Scope, body: bytes) -> bytes | None:
        """The answer, if the request is known, its sender too, and its result still holds.

        Args:
            scope: The request, of which the headers are enough where there is no query string.
            body: What it carries.
        """
        known = self._known(scope, body)
        if known is None:
            return None
        asked, identity = known
        return self._json(asked, await self._backend.queries.find(asked.question, identity))

    def _known(self, scope: Scope, body: bytes) -> tuple[_Asked, Identity] | None:
        """What a request asks for, and who does."""
        asked = self._asked.get(_request(scope, body))
        identity = None if asked is None else known_identity(scope, self._backend.tokens)
        return None if asked is None or identity is None else (asked, identity)

    def _json(self, asked: _Asked, result: QueryResult | None) -> bytes | None:
        if result is None or result.function.error is not None:
            return None
        return result.answer_json(asked.format, redact=self._backend.settings.redact_errors)

    def remember(self, scope: Scope, body: bytes, call: FunctionCall) -> None:
        """Take note of what an accepted request asked for."""
        request = _request(scope, body)
        if len(body) > MAX_BODY or request in self._asked:
            return
        self._asked[request] = _Asked(call.question, call.format)
        self._size += _size(request)
        while self._size > _CAPACITY:
            oldest, _ = self._asked.popitem(last=False)
            self._size -= _size(oldest)


def _request(scope: Scope, body: bytes) -> _Request:
    return body, header(scope, b"content-type"), header(scope, b"convex-client")


def _size(request: _Request) -> int:
    body, *headers = request
    # The question has the arguments once more.
    return _BASE_SIZE + 2 * len(body) + sum(len(text or "") for text in headers)
