"""What the storage of files needs of a deployment's database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

from convexity.database.transaction import Transaction

if TYPE_CHECKING:
    from convexity.database.catalog import Catalog
    from convexity.database.engine import Committed, Engine, WriteTransaction

T = TypeVar("T")


class Database(Protocol):
    """An engine, the tables in it, and transactions that are repeated after conflicts."""

    @property
    def engine(self) -> Engine:
        """Gives snapshots and tells of commits."""
        ...

    @property
    def database(self) -> Catalog:
        """The tables."""
        ...

    async def write(self, work: Callable[[WriteTransaction], Awaitable[T]]) -> Committed[T]:
        """Run ``work`` in a transaction, again after a conflict."""
        ...


async def read(database: Database, work: Callable[[Transaction], Awaitable[T]]) -> T:
    """What ``work`` finds in the newest state."""
    async with database.engine.snapshot() as snapshot:
        transaction = Transaction(snapshot, database.database)
        try:
            return await work(transaction)
        finally:
            transaction.end()


async def write(database: Database, work: Callable[[Transaction], Awaitable[T]]) -> T:
    """Run ``work`` in a transaction of its own; what it wrote is durable then."""

    async def in_store(store: WriteTransaction) -> T:
        transaction = Transaction(store, database.database)
        try:
            return await work(transaction)
        finally:
            transaction.end()

    return (await database.write(in_store)).value
