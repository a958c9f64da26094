"""The queries of a socket, which move together from one time to the next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from secrets import token_hex
from typing import TYPE_CHECKING, Final

from convexity.auth.identity import ANONYMOUS
from convexity.sync.client_messages import AddQuery, RemoveQuery
from convexity.sync.closing import violation
from convexity.sync.server_messages import query_removed, query_updated
from convexity.sync.subscription import Subscription
from convexity.values.limits import MAX_QUERIES_PER_SOCKET, MAX_QUERY_SIZE_PER_SOCKET

if TYPE_CHECKING:
    from convexity.auth.identity import Identity
    from convexity.database.engine import Engine
    from convexity.functions.meta import RequestMetadata
    from convexity.sync.query_cache import QueryCache

_FREE_ATTEMPTS: Final = 2
"""Attempts to find a common time of results that are shared with others. Then all that changed is
read from one snapshot, which always gives one."""


class QuerySet:
    """Subscriptions by number, and the time at which the client has their results."""

    def __init__(
        self,
        cache: QueryCache,
        engine: Engine,
        request: RequestMetadata,
        *,
        redact: bool,
        changed: Callable[[], None],
    ) -> None:
        """Begin without subscriptions.

        Args:
            cache: Where results come from.
            engine: Its database.
            request: Facts about the socket.
            redact: Whether messages and log lines are kept from clients.
            changed: Is called when :meth:`advance` has something to do.
        """
        self._cache = cache
        self._engine = engine
        self._request = request
        self._redact = redact
        self._notify = changed
        self._identity: Identity = ANONYMOUS
        self._subscriptions: dict[int, Subscription] = {}
        self._stale: set[Subscription] = set()
        """Those whose result no longer holds, or is missing."""
        self._size = 0
        """Bytes of what the client subscribes with, about."""
        self._ts = 0

    def __len__(self) -> int:
        return len(self._subscriptions)

    def act_as(self, identity: Identity) -> None:
        """Ask for somebody else from now on."""
        self._identity = identity
        self._stale.update(self._subscriptions.values())

    def modify(self, modification: AddQuery | RemoveQuery) -> bytes | None:
        """Begin or end a subscription; for one that ends, what to tell the client.

        Raises:
            SocketEndError: the number is in use, or is not, or there are too many subscriptions.
        """
        query_id = modification.query_id
        if isinstance(modification, RemoveQuery):
            removed = self._subscriptions.pop(query_id, None)
            if removed is None:
                raise violation(f"Query {query_id} is not subscribed to and cannot be removed")
            self._drop(removed)
            return query_removed(query_id)
        if query_id in self._subscriptions:
            raise violation(f"Query {query_id} is subscribed to already")
        if len(self._subscriptions) >= MAX_QUERIES_PER_SOCKET:
            raise violation(
                f"Query {query_id} is one too many: a client may be subscribed to "
                f"{MAX_QUERIES_PER_SOCKET} queries. Unsubscribe from those that are not shown, or "
                "ask for several things with one query"
            )
        added = Subscription(modification, self._changed)
        if self._size + added.size > MAX_QUERY_SIZE_PER_SOCKET:
            raise violation(
                f"Query {query_id} is too much: paths and arguments of the queries that a client "
                f"is subscribed to may have {MAX_QUERY_SIZE_PER_SOCKET} bytes together. Pass ids "
                "instead of what they stand for"
            )
        self._size += added.size
        self._subscriptions[query_id] = added
        self._stale.add(added)
        return None

    async def advance(self) -> tuple[int, list[bytes]]:
        """Bring all results to one time: that time, and what changed for the client."""
        refreshed: set[Subscription] = set()
        attempts = 0
        while True:
            refreshed |= await self._refresh(pinned=attempts >= _FREE_ATTEMPTS)
            ts = self._start(refreshed)
            if ts > self._engine.frontier:
                await self._engine.settle()
            latest = min([self._engine.frontier, *self._ends()])
            if latest >= ts:
                break
            attempts += 1
        self._ts = latest
        return latest, list(self._updates(refreshed))

    def close(self) -> None:
        """End all subscriptions."""
        for subscription in self._subscriptions.values():
            self._drop(subscription)
        self._subscriptions.clear()

    def _start(self, refreshed: Iterable[Subscription]) -> int:
        """First time at which all results were there."""
        starts = [s.result.ts for s in refreshed if s.result is not None]
        return max([self._ts, *starts])

    def _ends(self) -> list[int]:
        """Last times at which results held that hold no longer."""
        results = [subscription.result for subscription in self._stale]
        return [r.invalid_at - 1 for r in results if r is not None and r.invalid_at is not None]

    async def _refresh(self, *, pinned: bool) -> set[Subscription]:
        """Get new results for those that do not hold; ``pinned``: all from one snapshot."""
        at = None
        if pinned:
            at = await self._engine.latest_timestamp()
            if at > self._engine.frontier:
                await self._engine.settle()
        stale, self._stale = self._stale, set()
        if len(stale) == 1:  # A task would cost more than all the rest of a shared result.
            await self._ask(next(iter(stale)), at)
        else:
            await asyncio.gather(*(self._ask(subscription, at) for subscription in stale))
        return stale

    async def _ask(self, subscription: Subscription, at: int | None) -> None:
        request = replace(self._request, request_id=token_hex(8))
        question, identity = subscription.question, self._identity
        result = subscription.refusal(self._engine.frontier, request.request_id)
        if result is None and at is not None:
            result = await self._cache.at(at, question, identity, request)
        elif result is None:
            result = await self._cache.newest(question, identity, request)
        if subscription.result is not None:
            self._cache.unwatch(subscription.result, subscription.changed)
        subscription.result = result
        self._cache.watch(result, subscription.changed)

    def _updates(self, refreshed: Iterable[Subscription]) -> Iterable[bytes]:
        for subscription in sorted(refreshed, key=lambda s: s.query_id):
            result = subscription.result
            if result is not None and result.signature != subscription.sent:
                subscription.sent = result.signature
                outcome = result.outcome(redact=self._redact)
                yield query_updated(subscription.query_id, outcome)

    def _changed(self, subscription: Subscription) -> None:
        self._stale.add(subscription)
        self._notify()

    def _drop(self, subscription: Subscription) -> None:
        self._size -= subscription.size
        self._stale.discard(subscription)
        if subscription.result is not None:
            self._cache.unwatch(subscription.result, subscription.changed)
