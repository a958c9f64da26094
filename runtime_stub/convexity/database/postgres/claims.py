"""Claims of processes that share a server: an advisory lock for each."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

from convexity.database.process_lock import RETRY_INTERVAL, nothing
from convexity.errors import ConvexityError

if TYPE_CHECKING:
    from convexity.database.postgres.locks import Session

_log = logging.getLogger(__name__)

# A function in FROM gives its rows one by one, in order, and the limit stops it: no lock is taken
# that is not returned.
_CLAIM: Final = (
    "SELECT key FROM unnest($1::bigint[]) AS wanted (key) WHERE pg_try_advisory_lock(key) LIMIT $2"
)


class AdvisoryClaims:
    """Implements :class:`~convexity.database.claims.Claims`.

    Not by ``FOR UPDATE SKIP LOCKED``: a lock of a row lasts as long as its transaction, which would
    have to stay open, with a connection of its own, while the function of the row runs, and an
    action may run for half an hour. Advisory locks need no transaction, all of a process lie in one
    connection, and the server gives them back when that ends. They decide who tries, not what is
    true: the transaction that changes a row looks at its state again.
    """

    is_shared = True

    def __init__(self, session: Session, kind: str) -> None:
        """Take the connection, and what is claimed: names are told apart by it."""
        self._session = session
        self._kind = kind
        self._claimed: dict[str, int] = {}
        """Names with the numbers of their locks."""
        self._told: Callable[[], None] | None = None

    @property
    def is_held(self) -> bool:
        """Whether the connection is there since :meth:`acquire`."""
        return self._told is not None

    async def acquire(self, lost: Callable[[], None] = nothing, /) -> None:
        """Wait until the connection is there."""
        while self._told is None:
            try:
                await self._session.watch(self._lost)
            except ConvexityError as error:
                _log.debug("Nothing can be claimed: %s", error)
                await asyncio.sleep(RETRY_INTERVAL)
            else:
                self._told = lost

    async def claim(self, names: Sequence[str], limit: int, /) -> list[str]:
        """Take the locks of names that nobody has, with one statement."""
        others = {self._key(name): name for name in names if name not in self._claimed}
        room = limit - (len(names) - len(others))
        if others and room > 0:
            async with self._session.using() as connection:
                if self._told is None:
                    return []
                for (key,) in await connection.fetch(_CLAIM, list(others), room):
                    self._claimed[others[key]] = key
        return [name for name in names if name in self._claimed][:limit]

    def release(self, names: Iterable[str], /) -> None:
        """Give locks back, in a moment."""
        keys = [self._claimed.pop(name) for name in names if name in self._claimed]
        if keys:
            self._session.unlock(keys)

    def give_up(self) -> None:
        """Give all locks back."""
        self.release(tuple(self._claimed))
        self._session.ignore(self._lost)
        self._told = None

    def _key(self, name: str) -> int:
        return self._session.key(f"{self._kind} {name}")

    def _lost(self) -> None:
        told, self._told = self._told, None
        self._claimed.clear()
        if told is not None:
            told()
