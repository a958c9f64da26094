"""Which of several processes does which piece of the work that lies there for any of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from convexity.database.process_lock import ProcessLock, nothing


class Claims(Protocol):
    """What one process has claimed; no two processes have the same claim.

    A claim is a name, such as the id of a row. It ends when it is released and when its process
    dies, and with no clock: a process that is only slow keeps its claims. A process that is cut off
    from the database loses them all, and is told so as soon as it notices; until then, what it
    writes must be checked in the transaction that writes it.
    """

    @property
    def is_shared(self) -> bool:
        """Whether other processes may claim at the same time."""
        ...

    @property
    def is_held(self) -> bool:
        """Whether this process may claim; when it no longer may, it has no claims left."""
        ...

    async def acquire(self, lost: Callable[[], None] = ..., /) -> None:
        """Wait until this process may claim.

        Args:
            lost: Called if it no longer may, without having given up.
        """
        ...

    async def claim(self, names: Sequence[str], limit: int, /) -> list[str]:
        """Claim the first ``limit`` of the names that no other process has claimed.

        Returns:
            Those that are ours now, in order, with those that already were; none if this process
            may not claim.

        Raises:
            OverloadedError: the database cannot be reached.
        """
        ...

    def release(self, names: Iterable[str], /) -> None:
        """Give claims back; without effect on those that are not ours."""
        ...

    def give_up(self) -> None:
        """Give back everything, and the right to claim."""
        ...


class ExclusiveClaims:
    """For a database that one process at a time works on: it may claim everything."""

    is_shared = False

    def __init__(self, lock: ProcessLock) -> None:
        """Take the lock of who may claim."""
        self._lock = lock

    @property
    def is_held(self) -> bool:
        """Whether the lock is ours."""
        return self._lock.is_held

    async def acquire(self, lost: Callable[[], None] = nothing, /) -> None:
        """Wait until no other process has the lock."""
        await self._lock.acquire(lost)

    async def claim(self, names: Sequence[str], limit: int, /) -> list[str]:
        """The first names; there is nobody else who could have them."""
        return list(names[:limit]) if self._lock.is_held else []

    def release(self, _names: Iterable[str], /) -> None:
        """Nothing to give back."""

    def give_up(self) -> None:
        """Give the lock back."""
        self._lock.release()
