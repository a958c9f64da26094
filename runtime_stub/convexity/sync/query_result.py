"""The result of a query, from the time it was read until a commit changes it."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import orjson

from convexity.database.ranges import ReadSet
from convexity.functions.answers import success_answer
from convexity.sync.server_messages import Disclosure, query_outcome
from convexity.values.limits import MAX_VALUE_NESTING

if TYPE_CHECKING:
    from convexity.auth.identity import Identity
    from convexity.functions.result import FunctionResult
    from convexity.values.encoding import Format

_BASE_SIZE: Final = 2048
"""Bytes that a result takes beside its value, about."""
_VALUE_FACTOR: Final = 3
"""How often the JSON of a value is kept: alone, in an answer to a request, in one to sockets."""
_RANGE_SIZE: Final = 256
"""Bytes that a range takes beside its bounds, about."""
_SHOWN_IN_FULL: Final = Disclosure(request_id="", redact=False)

Watcher: TypeAlias = Callable[[], None]
"""Is called when a commit changes the result."""


class Question(NamedTuple):
    """What is asked, whoever asks."""

    path: str
    """Canonical path of the query."""
    args: bytes
    """JSON of the arguments as the client sent them, with sorted keys."""
    journal: str | None = None
    """Journal of the run before, which pins the end of a page (wire-protocol 3.12)."""
    component: str = ""
    """Path of the component; empty for the application."""

    @property
    def size(self) -> int:
        """Bytes of what the client sent, about."""
        return len(self.path) + len(self.args) + len(self.journal or "")


def question(path: str, args: object, journal: str | None = None, component: str = "") -> Question:
    """The question that a path and a JSON tree of arguments stand for."""
    if isinstance(args, list) and len(args) == 1:
        args = args[0]
    try:
        text = orjson.dumps(args, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        # Deeper than orjson writes, and far deeper than arguments may be: what is refused anyway
        # is asked without its depths.
        text = orjson.dumps(_without_depths(args), option=orjson.OPT_SORT_KEYS)
    return Question(path, _fitted(text), journal, component)


def _without_depths(tree: object, levels: int = MAX_VALUE_NESTING + 2) -> object:
    """A JSON tree cut below a level at which it is too deep already."""
    if levels == 0:
        return None
    if isinstance(tree, dict):
        return {name: _without_depths(inner, levels - 1) for name, inner in tree.items()}
    if isinstance(tree, list):
        return [_without_depths(inner, levels - 1) for inner in tree]
    return tree


def _fitted(text: bytes) -> bytes:
    """The same bytes without the room that orjson leaves behind its texts, up to 15 times theirs.

    For what is kept only, since it costs a copy.
    """
    return bytes(memoryview(text))


def identity_key(identity: Identity) -> bytes:
    """What a query can learn of an identity: calls with the same key get the same result."""
    if identity.user is None:
        return b""
    return orjson.dumps(identity.user, option=orjson.OPT_SORT_KEYS, default=repr)


class QueryResult:
    """What a query returned, or why it failed.

    Attributes:
        function: The outcome.
        ts: Time of the snapshot that was read.
        invalid_at: Time of the commit from which on the result no longer holds, once it is known.
        checked: Time up to which it is known that it holds.
        journal: To be given to the next run.
        reads: What it depends on.
        size: Bytes that it takes in memory, about.
        watchers: Who wants to know when it no longer holds.
    """

    __slots__ = (
        "_answers",
        "_outcome",
        "_signature",
        "checked",
        "function",
        "invalid_at",
        "journal",
        "reads",
        "request_id",
        "size",
        "ts",
        "watchers",
    )

    def __init__(
        self, function: FunctionResult, ts: int, *, journal: str | None, request_id: str
    ) -> None:
        """Take the outcome of a run.

        Args:
            function: The outcome, which is its own from now on.
            ts: Time of the snapshot; for what failed before it read anything, any time.
            journal: That of the question, which a failure keeps.
            request_id: Names the run in error messages.

        Raises:
            EncodingError: the value cannot be sent.
        """
        if function.error is None:
            function.encoded = _fitted(function.result_json())
            function.value = None
        self.function = function
        self.ts = self.checked = ts
        self.invalid_at: int | None = None
        self.journal = function.journal if function.error is None else journal
        self.reads = function.read_set or ReadSet()
        self.request_id = request_id
        self.watchers: set[Watcher] = set()
        self._outcome: bytes | None = None
        self._answers: dict[tuple[Format, bool], bytes] = {}
        self._signature: bytes | None = None
        self.size = (
            _BASE_SIZE
            + _VALUE_FACTOR * len(function.encoded or b"")
            + sum(map(len, function.log_lines))
            + sum(
                _RANGE_SIZE + len(lower) + len(upper)
                for ranges in self.reads.ranges.values()
                for lower, upper in ranges
            )
        )

    @property
    def signature(self) -> bytes:
        """Equal results that a client would not see as different have equal ones."""
        if self._signature is None:
            text = query_outcome(self.function, self.journal, _SHOWN_IN_FULL)
            self._signature = blake2b(text, digest_size=16).digest()
        return self._signature

    def is_invalid_at(self, ts: int) -> bool:
        """Whether it is known not to hold any more at a time."""
        return self.invalid_at is not None and self.invalid_at <= ts

    def holds_later(self) -> bool:
        """Whether a later call may be answered by it, as long as no commit changes it."""
        return not self.function.time_read

    def answer_json(self, format: Format, *, redact: bool) -> bytes:  # noqa: A002 - wire name
        """What a request is answered if the query returned; see :func:`success_answer`."""
        text = self._answers.get((format, redact))
        if text is None:
            text = success_answer(self.function, format=format, redact=redact)
            self._answers[format, redact] = text
        return text

    def outcome(self, *, redact: bool) -> bytes:
        """The part of ``QueryUpdated`` or ``QueryFailed`` that is the same for all clients."""
        if self._outcome is None or (redact and self.function.log_lines):
            shown = Disclosure(self.request_id, redact)
            text = query_outcome(self.function, self.journal, shown)
            if redact:
                return text
            self._outcome = text
        return self._outcome
