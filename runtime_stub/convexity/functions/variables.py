"""Values of environment variables: those stored in the database, then those of the process."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

from convexity.database.ranges import HIGHEST, LOWEST
from convexity.database.transaction import Transaction
from convexity.functions.environment import BUILT_IN_VARIABLES
from convexity.values.ordering import encode_key, key_after_prefix

if TYPE_CHECKING:
    from convexity.database.catalog import Catalog
    from convexity.database.engine import Commit, Engine, Snapshot
    from convexity.database.ranges import ReadSet

TABLE: Final = "_environment_variables"
INDEX: Final = "by_name"
_BATCH: Final = 1024


class VariableValues(Protocol):
    """Values of environment variables for a function."""

    def get(self, name: str) -> str | None:
        """Value of a variable; ``None`` if it is not set."""
        ...

    def beside_process(self) -> Mapping[str, str]:
        """Values that do not come from the environment of this process, by name."""
        ...


class FixedVariables:
    """Values for a function in another process of the same environment: those of its start."""

    def __init__(self, values: Mapping[str, str]) -> None:
        """Take the values that do not come from the environment of the process."""
        self._values = values

    def get(self, name: str) -> str | None:
        """Value of a variable; ``None`` if it is not set."""
        value = self._values.get(name)
        return os.environ.get(name) if value is None else value

    def beside_process(self) -> Mapping[str, str]:
        """Values that do not come from the environment of the process."""
        return self._values


class Variables:
    """What functions find in ``env``, as one look into a dictionary.

    The stored values are kept in memory and read again when a commit, of this process or of
    another one, changed them.
    """

    def __init__(
        self,
        engine: Engine,
        database: Catalog,
        process: Mapping[str, str] = MappingProxyType({}),
        stored: Mapping[str, str] | None = None,
    ) -> None:
        """Take where values come from.

        Args:
            engine: a started engine.
            database: the catalog of its deployment.
            process: values of the process, for what is not stored.
            stored: the stored values, where the caller knows them.
        """
        self._engine = engine
        self._database = database
        self._process = process
        self._stored: Mapping[str, str] = stored or {}
        self._known_at = -1 if stored is None else engine.frontier
        """Time of the snapshot that the stored values were read from."""
        self._changed_at = 0
        """Time of the newest commit that is known to have changed them."""
        self._reading: asyncio.Task[None] | None = None
        self._unsubscribe = engine.on_commit(self._committed)

    def close(self) -> None:
        """Learn of no more commits."""
        self._unsubscribe()
        if self._reading is not None:
            self._reading.cancel()

    def get(self, name: str) -> str | None:
        """Value of a variable; ``None`` if it is not set."""
        value = self._stored.get(name)
        return self._process.get(name) if value is None else value

    def beside_process(self) -> Mapping[str, str]:
        """Values that do not come from the environment of the process: stored and built in ones."""
        built_in = {
            name: value
            for name in BUILT_IN_VARIABLES
            if (value := self._process.get(name)) is not None
        }
        return {**built_in, **self._stored}

    def process_value(self, name: str) -> str | None:
        """Value that a variable has while none is stored for it."""
        return self._process.get(name)

    async def follow(self, snapshot: Snapshot) -> None:
        """Know the values at the time of a snapshot, or later ones, before a function reads any.

        Later ones do no harm: the commit that made them changes what the function depends on, so
        its result is not kept. A transaction that writes began after every commit was told.
        """
        if snapshot.writer() is None and snapshot.timestamp > self._engine.frontier:
            await self._engine.settle()
        if self._known_at < self._changed_at:
            await self._read_newest()

    async def follow_newest(self) -> None:
        """Know what every commit made of the values, whichever process made it."""
        await self._engine.settle()
        if self._known_at < self._changed_at:
            await self._read_newest()

    def _committed(self, commit: Commit) -> None:
        if commit.is_complete and (TABLE, INDEX) not in commit.writes.keys:
            return
        self._changed_at = commit.ts
        # An action that goes on for long must not read old values all the time.
        if self._reading is None or self._reading.done():
            self._reading = asyncio.get_running_loop().create_task(self._read_newest())

    async def _read_newest(self) -> None:
        async with self._engine.snapshot() as snapshot:
            await self._read(snapshot)

    async def _read(self, snapshot: Snapshot) -> None:
        values = await stored_values(snapshot, self._database)
        if snapshot.timestamp > self._known_at:
            self._stored, self._known_at = values, snapshot.timestamp


async def stored_values(snapshot: Snapshot, database: Catalog) -> dict[str, str]:
    """The stored values by name, sorted."""
    table = database.table(TABLE)
    transaction = Transaction(snapshot, database)
    rows = await transaction.scan(table, table.indexes[INDEX], LOWEST, HIGHEST, limit=_BATCH)
    return {row.document["name"]: row.document["value"] for row in rows}


def note_read(read_set: ReadSet, name: str) -> None:
    """Make what reads depend on a variable, whether it is stored or not."""
    prefix = encode_key((name,))
    read_set.add(TABLE, INDEX, prefix, key_after_prefix(prefix))
