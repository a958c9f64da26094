"""Results of queries, shared by all who ask: each holds until a commit changes what it read."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

import orjson

from convexity.functions.failure import function_error
from convexity.functions.result import FunctionResult
from convexity.sync.commit_history import CommitHistory
from convexity.sync.interval_index import IntervalIndex
from convexity.sync.query_result import QueryResult, Question, Watcher, identity_key
from convexity.values.encoding import EncodingError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convexity.auth.identity import Identity
    from convexity.database.engine import Commit, Engine
    from convexity.functions.meta import RequestMetadata
    from convexity.functions.runner import Runner

CAPACITY: Final = 64 * 2**20
"""Bytes, about, of results that nobody watches; those used longest ago go first."""
_LARGE_KEY: Final = 16
"""Part of the capacity, as its divisor, that a question and an identity may take: whoever sends
much for a small result would drive out those of everybody else."""

_Key: TypeAlias = tuple[Question, bytes | None]
"""A question, and the identity that the result is for; ``None`` for all."""


class QueryCache:
    """Answers queries, by a result that still holds or by a run that all askers share."""

    def __init__(self, runner: Runner, engine: Engine, *, capacity: int = CAPACITY) -> None:
        """Begin with nothing.

        Args:
            runner: Runs queries.
            engine: Its database; must be started.
            capacity: Bytes of results that nobody watches.
        """
        self._runner = runner
        self._engine = engine
        self._capacity = capacity
        self._results: dict[_Key, QueryResult] = {}
        self._idle: OrderedDict[_Key, QueryResult] = OrderedDict()
        self._idle_size = 0
        self._keys: dict[QueryResult, _Key] = {}
        self._watched: set[QueryResult] = set()
        self._watched_reads: IntervalIndex[QueryResult] = IntervalIndex()
        self._history = CommitHistory(engine.frontier)
        self._runs: dict[_Key, asyncio.Task[QueryResult]] = {}
        self._unsubscribe = engine.on_commit(self._committed)
        self.runs = 0
        """Queries that were run so far."""
        self.hits = 0
        """Queries that were answered by a result at hand so far."""

    @property
    def watched(self) -> int:
        """Number of results that somebody watches."""
        return len(self._watched)

    @property
    def idle_size(self) -> int:
        """Bytes, about, of the results that nobody watches."""
        return self._idle_size

    async def close(self) -> None:
        """Forget everything and end the runs under way."""
        self._unsubscribe()
        runs = list(self._runs.values())
        for run in runs:
            run.cancel()
        await asyncio.gather(*runs, return_exceptions=True)

    async def find(self, question: Question, identity: Identity) -> QueryResult | None:
        """A result that holds now, for a caller of its own; ``None`` if there is none."""
        keys = ((question, None), (question, identity_key(identity)))
        if keys[0] not in self._results and keys[1] not in self._results:
            return None
        await self._engine.settle()
        return self._usable(keys, identity)

    def find_now(self, question: Question, identity: Identity) -> QueryResult | None:
        """What :meth:`find` gives, if that is known without waiting."""
        if not self._engine.is_settled():
            return None
        return self._usable(((question, None), (question, identity_key(identity))), identity)

    def _usable(self, keys: tuple[_Key, _Key], identity: Identity) -> QueryResult | None:
        result = self._lookup(keys)
        if result is None or not result.holds_later():
            return None
        question, _ = keys[0]
        if not self._runner.may_ask(question.component, question.path, identity):
            return None
        self.hits += 1
        return result

    async def answer(
        self, question: Question, identity: Identity, request: RequestMetadata
    ) -> QueryResult:
        """A result for a caller of its own: it includes everything committed before the call."""
        found = await self.find(question, identity)
        if found is not None:
            return found
        if not self._is_running(question, identity):
            return await self._run(question, identity, request)
        await self._engine.settle()
        frontier = self._engine.frontier
        joined = await self._join(question, identity)
        if joined is None or not joined.holds_later() or joined.is_invalid_at(frontier):
            # A run that had begun before the call need not know what the caller knows.
            return await self._run(question, identity, request)
        return joined

    async def newest(
        self, question: Question, identity: Identity, request: RequestMetadata
    ) -> QueryResult:
        """A result for a subscriber, who learns of what comes later."""
        # Of the many who ask after a commit, all but the first find a run, and no need to look
        # whether there is yet another commit.
        return (
            await self._join(question, identity)
            or await self.find(question, identity)
            or await self._join(question, identity)
            or await self._run(question, identity, request)
        )

    async def at(
        self, ts: int, question: Question, identity: Identity, request: RequestMetadata
    ) -> QueryResult:
        """The result at a time that the engine's ``latest_timestamp`` gave."""
        return await self._run(question, identity, request, ts=ts)

    def watch(self, result: QueryResult, watcher: Watcher) -> None:
        """Call ``watcher`` when a commit changes the result; at once if one did."""
        if result.invalid_at is None and not result.watchers:
            self._check(result)
        if result.invalid_at is not None:
            watcher()
            return
        if not result.watchers:
            self._watched.add(result)
            self._watched_reads.add(result.reads, result)
            self._leave_idle(result)
        result.watchers.add(watcher)

    def unwatch(self, result: QueryResult, watcher: Watcher) -> None:
        """Undo :meth:`watch`."""
        if watcher not in result.watchers:
            return
        result.watchers.discard(watcher)
        if not result.watchers:
            self._watched.discard(result)
            self._watched_reads.remove(result.reads, result)
            result.checked = self._engine.frontier
            self._enter_idle(result)

    def _lookup(self, keys: Iterable[_Key]) -> QueryResult | None:
        for key in keys:
            result = self._results.get(key)
            if result is None:
                continue
            if not result.watchers:
                self._check(result)
                if result.invalid_at is not None:
                    continue
                self._idle.move_to_end(key)
            return result
        return None

    def _is_running(self, question: Question, identity: Identity) -> bool:
        keys = ((question, None), (question, identity_key(identity)))
        return any(key in self._runs for key in keys)

    async def _join(self, question: Question, identity: Identity) -> QueryResult | None:
        """The result of a run that is under way; ``None`` if there is none for that identity."""
        if not self._runner.may_ask(question.component, question.path, identity):
            return None
        # Most queries do not ask who calls: the first run shows it.
        run = self._runs.get((question, None))
        if run is not None:
            result = await asyncio.shield(run)
            if not result.function.identity_read:
                return result
        run = self._runs.get((question, identity_key(identity)))
        return None if run is None else await asyncio.shield(run)

    async def _run(
        self,
        question: Question,
        identity: Identity,
        request: RequestMetadata,
        *,
        ts: int | None = None,
    ) -> QueryResult:
        run = asyncio.get_running_loop().create_task(self._execute(question, identity, request, ts))
        if ts is None:
            keys = ((question, None), (question, identity_key(identity)))
            taken = [key for key in keys if self._runs.setdefault(key, run) is run]
            run.add_done_callback(partial(self._ended, taken))
        return await asyncio.shield(run)

    def _ended(self, keys: Iterable[_Key], run: asyncio.Task[QueryResult]) -> None:
        for key in keys:
            del self._runs[key]
        if not run.cancelled():
            run.exception()  # Nobody need be left who waits for it.

    async def _execute(
        self, question: Question, identity: Identity, request: RequestMetadata, at: int | None
    ) -> QueryResult:
        self.runs += 1
        function = await self._runner.run(
            question.path,
            orjson.loads(question.args),
            identity=identity,
            component=question.component,
            kind="query",
            request=request,
            ts=at,
            journal=question.journal,
            allow_internal=identity.is_admin,
        )
        ts = self._engine.frontier if function.ts is None else function.ts
        result = _result(function, ts, question.journal, request.request_id)
        result.invalid_at = self._history.first_change(result.reads, ts)
        if result.invalid_at is None and function.ts is not None:
            result.checked = max(ts, self._engine.frontier)
            self._keep(question, identity, result)
        return result

    def _keep(self, question: Question, identity: Identity, result: QueryResult) -> None:
        key = (question, identity_key(identity) if result.function.identity_read else None)
        before = self._results.get(key)
        if before is not None:
            self._forget(before)
        key_size = question.size + len(key[1] or b"")
        result.size += key_size
        if key_size > self._capacity // _LARGE_KEY or result.size > self._capacity:
            return
        self._results[key] = result
        self._keys[result] = key
        self._enter_idle(result)

    def _check(self, result: QueryResult) -> None:
        """Learn whether commits changed a result that the index of the watched does not hold."""
        result.invalid_at = self._history.first_change(result.reads, result.checked)
        if result.invalid_at is None:
            result.checked = self._engine.frontier
        else:
            self._forget(result)

    def _forget(self, result: QueryResult) -> None:
        """Answer nobody else by the result; those who watch it go on to."""
        key = self._keys.pop(result, None)
        if key is None:
            return
        if self._idle.pop(key, None) is not None:
            self._idle_size -= result.size
        if self._results.get(key) is result:
            del self._results[key]

    def _enter_idle(self, result: QueryResult) -> None:
        key = self._keys.get(result)
        if key is not None:
            self._idle[key] = result
            self._idle_size += result.size
        while self._idle_size > self._capacity:
            self._forget(next(iter(self._idle.values())))

    def _leave_idle(self, result: QueryResult) -> None:
        key = self._keys.get(result)
        if key is not None and self._idle.pop(key, None) is not None:
            self._idle_size -= result.size

    def _committed(self, commit: Commit) -> None:
        self._history.add(commit)
        is_known = commit.is_complete
        changed = self._watched_reads.find(commit.writes) if is_known else set(self._watched)
        for result in changed:
            result.invalid_at = commit.ts
            self._watched.discard(result)
            self._watched_reads.remove(result.reads, result)
            self._forget(result)
            watchers, result.watchers = result.watchers, set()
            for watcher in watchers:
                watcher()


def _result(function: FunctionResult, ts: int, journal: str | None, request_id: str) -> QueryResult:
    try:
        return QueryResult(function, ts, journal=journal, request_id=request_id)
    except EncodingError as error:
        failed = replace(function, value=None, returns=None, error=function_error(error))
        return QueryResult(failed, ts, journal=journal, request_id=request_id)
