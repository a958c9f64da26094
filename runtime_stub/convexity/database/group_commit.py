"""The one writer of a process: transactions run one after another and are made durable together.

Transactions that wait while the disk is busy form the next group, and one commit answers all of
them. A transaction that waits for something else than the database must not delay the finished
ones of its group: it is interrupted, the group is committed, and it runs again, first of the next
group.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from convexity.database.engine import Committed
from convexity.database.interruption import Interrupted, Interruptible
from convexity.errors import OverloadedError

if TYPE_CHECKING:
    from convexity.database.engine import WriteTransaction

T = TypeVar("T")

_log = logging.getLogger(__name__)

_MAX_GROUP_SIZE: Final = 256
_MAX_GROUP_SECONDS: Final = 0.02
"""After this time a group is committed although more transactions wait, or one still runs."""
_MAX_RUNS: Final = 16
"""Runs of one transaction whose groups are undone, before it is given up."""
TICK: Final = 1_000
"""Least distance of commits in nanoseconds: several steps of a creation time, a float64 of ms."""
_UNDONE: Final = (
    "the transaction could not be made durable and was undone; the log of the backend names the "
    "cause"
)
_UNINTERRUPTED: Final = nullcontext()


class Undone(Exception):  # noqa: N818 - raised to steer, not to report
    """Nothing of a group was kept, but its transactions may succeed when they run again."""


class Member(Protocol):
    """A transaction that ran as part of a group."""

    timestamp: int
    """Time of its commit, or of the state it saw where it wrote nothing."""

    @property
    def has_writes(self) -> bool:
        """Whether anything was written."""
        ...


M = TypeVar("M", bound=Member)


class Group(Generic[M]):
    """Transactions that are committed together."""

    __slots__ = ("_running", "_timer", "is_closed", "members", "started")

    def __init__(self, started: float) -> None:
        """Begin without members.

        Args:
            started: By the clock of the event loop.
        """
        self.started = started
        self.members: list[tuple[M, asyncio.Future[None]]] = []
        self.is_closed = False
        """Whether no further transaction may join."""
        self._running: Interruptible | None = None
        self._timer: asyncio.TimerHandle | None = None

    def interruptible(self, seconds: float) -> Interruptible:
        """``with``: stop what runs when the group has been open for so long.

        One timer serves all members: one for each would cost more than some of them do.
        """
        if self._timer is None:
            when = self.started + seconds
            self._timer = asyncio.get_running_loop().call_at(when, self._interrupt)
        self._running = Interruptible()
        return self._running

    def close(self) -> None:
        """Let no further transaction join."""
        self.is_closed = True
        if self._timer is not None:
            self._timer.cancel()

    def _interrupt(self) -> None:
        self._timer = None  # One that fires between two members is set again for the next.
        if self._running is not None:
            self._running.interrupt()

    @property
    def transactions(self) -> list[M]:
        """The transactions in order."""
        return [transaction for transaction, _ in self.members]

    @property
    def has_writes(self) -> bool:
        """Whether any of them wrote."""
        return any(transaction.has_writes for transaction, _ in self.members)


class GroupCommit(ABC, Generic[M]):
    """Gives every transaction its turn, and decides which of them form a group."""

    def __init__(self, durable: Callable[[int, float], None]) -> None:
        """Begin without a group.

        Args:
            durable: Is told the size of each group that wrote, and the seconds it took to commit.
        """
        self._durable = durable
        self._busy = False
        self._closed = False
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._group: Group[M] | None = None
        self._committing: asyncio.Task[None] | None = None

    @property
    def is_committing(self) -> bool:
        """Whether a commit is under way, which may be visible before listeners are told."""
        return self._committing is not None and not self._committing.done()

    async def write(self, work: Callable[[WriteTransaction], Awaitable[T]]) -> Committed[T]:
        """Run ``work`` in its turn and wait until it is durable."""
        if self._closed:
            raise OverloadedError("the database is closed: the backend is shutting down")
        runs = 0
        first = False
        while True:
            await self._take_turn(first=first)
            first = True
            try:
                group = self._group
                if group is None:
                    self._group = group = await self._open_group()
                value, transaction = await self._run(group, work)
                durable = asyncio.get_running_loop().create_future()
                group.members.append((transaction, durable))
            except Interrupted:
                continue
            finally:
                self._pass_turn()
            try:
                await durable
            except Undone as error:
                runs += 1
                if runs == _MAX_RUNS:
                    raise OverloadedError(f"nothing can be written: {error}") from error
            else:
                return Committed(value, transaction.timestamp)

    async def close(self) -> None:
        """Finish what is under way."""
        self._closed = True
        await self._take_turn()
        self._pass_turn()
        if self._committing is not None:
            await self._committing

    async def committed(self) -> None:
        """Wait until the commit under way, if there is one, has ended and was told."""
        if self._committing is not None and self.is_committing:
            await asyncio.wait([self._committing])

    @abstractmethod
    async def _open_group(self) -> Group[M]:
        """Begin what the transactions of a group share."""

    @abstractmethod
    async def _run(
        self, group: Group[M], work: Callable[[WriteTransaction], Awaitable[T]]
    ) -> tuple[T, M]:
        """Run ``work`` in the group; if it raises, nothing of it stays.

        Raises:
            Interrupted: it is to run again, in another group.
        """

    @abstractmethod
    async def _end(self, group: Group[M]) -> None:
        """Make what the group wrote durable, and tell of it.

        Raises:
            Undone: nothing was kept, and the members are to run again.
            Exception: nothing was kept.
        """

    def _limit(self, group: Group[M]) -> AbstractContextManager[None]:
        """Interrupts, for the sake of the others, what runs in the group for too long.

        The first of a group delays nobody who has finished, so what was interrupted gets done.
        """
        if not group.members:
            return _UNINTERRUPTED
        return group.interruptible(_MAX_GROUP_SECONDS)

    def _abandon(
        self,
        group: Group[M],
        reason: str = _UNDONE,
        error: type[OverloadedError] = OverloadedError,
    ) -> None:
        """Tell all members that everything was undone, as SQLite does when the disk is full."""
        for _, durable in group.members:
            if not durable.done():
                durable.set_exception(error(reason))
        group.members.clear()
        self._group = None

    async def _take_turn(self, *, first: bool = False) -> None:
        """Wait until nothing else runs; ``first``: ahead of all others that wait."""
        if not self._busy:
            self._busy = True
            return
        turn = asyncio.get_running_loop().create_future()
        if first:
            self._waiting.appendleft(turn)
        else:
            self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._pass_turn()
            raise

    def _pass_turn(self) -> None:
        """Let the next transaction run, or commit the group when it is time to."""
        group = self._group
        if self._has_waiting() and not (group and self._is_full(group)):
            self._waiting.popleft().set_result(None)
        elif group is not None:
            self._committing = asyncio.get_running_loop().create_task(self._commit(group))
        else:
            self._busy = False

    def _has_waiting(self) -> bool:
        waiting = self._waiting
        while waiting and waiting[0].done():
            waiting.popleft()
        return bool(waiting)

    def _is_full(self, group: Group[M]) -> bool:
        age = asyncio.get_running_loop().time() - group.started
        is_large = len(group.members) >= _MAX_GROUP_SIZE
        return group.is_closed or is_large or age > _MAX_GROUP_SECONDS

    async def _commit(self, group: Group[M]) -> None:
        if self._has_waiting() and not self._is_full(group):
            # Transactions of the same turn of the event loop arrived: they join the group.
            self._waiting.popleft().set_result(None)
            return
        group.close()
        try:
            loop = asyncio.get_running_loop()
            started = loop.time()
            await self._end(group)
            if group.has_writes:
                self._durable(len(group.members), loop.time() - started)
        except Undone as error:
            # Those that ran first come to the front of the queue last.
            for _, durable in reversed(group.members):
                if not durable.done():
                    durable.set_exception(Undone(*error.args))
        except OverloadedError as error:
            self._abandon(group, str(error), type(error))
        except Exception:
            _log.exception("A group of %d transactions could not be committed", len(group.members))
            self._abandon(group)
        else:
            for _, durable in group.members:
                if not durable.done():
                    durable.set_result(None)
        self._group = None
        self._pass_turn()
