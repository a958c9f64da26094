"""One query that a socket is subscribed to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from convexity.errors import ConvexityError
from convexity.functions.failure import function_error
from convexity.functions.paths import parse_path
from convexity.functions.result import FunctionResult
from convexity.sync.query_result import QueryResult, Question, question

if TYPE_CHECKING:
    from convexity.sync.client_messages import AddQuery


class Subscription:
    """A query of a socket, and the result that it has now.

    Attributes:
        query_id: Its number on the socket.
        refused: Why it cannot run at all, whoever asks.
        result: Newest result; ``None`` at first.
        sent: Signature of the result that the client has.
        changed: Is called when a commit changes the result.
        size: Bytes of what the client sent, about.
    """

    __slots__ = ("_question", "changed", "query_id", "refused", "result", "sent", "size")

    def __init__(self, added: AddQuery, changed: Callable[[Subscription], None]) -> None:
        """Subscribe as a message asks.

        Args:
            added: What the client sent.
            changed: Is called with this subscription when a commit changes the result.
        """
        self.query_id = added.query_id
        self.refused: ConvexityError | None = None
        self.result: QueryResult | None = None
        self.sent: bytes | None = None
        self.changed = lambda: changed(self)
        try:
            path = parse_path(added.path)
        except ConvexityError as error:
            path, self.refused = added.path, error
        self._question = question(path, added.args, added.journal, added.component or "")
        self.size = self._question.size

    @property
    def question(self) -> Question:
        """What to ask next: with the journal of the newest result."""
        if self.result is None:
            return self._question
        return self._question._replace(journal=self.result.journal)

    def refusal(self, ts: int, request_id: str) -> QueryResult | None:
        """The result of a query that cannot run."""
        if self.refused is None:
            return None
        failed = FunctionResult(error=function_error(self.refused))
        return QueryResult(failed, ts, journal=self._question.journal, request_id=request_id)
