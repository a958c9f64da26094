"""Deleting what no schema has any more: removed tables, and all that unmounted components had.

What leaves a schema keeps its documents, so that a deployment by mistake loses nothing. Here they
go for good. The tables keep their numbers, which ids elsewhere may hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from convexity.database.limits import NO_LIMITS
from convexity.database.ranges import HIGHEST, LOWEST, key_successor
from convexity.database.transaction import Transaction
from convexity.errors import ConvexityError
from convexity.functions.scheduling import TABLE as SCHEDULED
from convexity.storage.rows import FILES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from convexity.database.engine import Snapshot, WriteTransaction
    from convexity.functions.calls import Calls
    from convexity.functions.components import Component

_BATCH: Final = 1000


class RemovalError(ConvexityError):
    """What is to be deleted is in use; the text says by what."""


async def removed_tables(calls: Calls) -> Mapping[str, int]:
    """Tables of no schema that have documents, by name, with how many.

    Names of tables of components have the path of the component before them, ``counter/events``.
    """
    async with calls.engine.snapshot() as snapshot:
        found = await snapshot.removed_tables()
    return {name: count for name, count in sorted(found.items()) if count}


async def delete_tables(
    calls: Calls, component: str, names: Sequence[str], *, dry_run: bool = False
) -> int:
    """Delete the documents of tables that are in no schema any more; returns how many.

    Args:
        calls: What the deployment runs functions with.
        component: Path of the component that had them; empty for the application.
        names: Names of the tables.
        dry_run: Only count what would be deleted.

    Raises:
        RemovalError: a table is in a schema, or there never was one; nothing is deleted then.
    """
    qualified = [f"{component}/{name}" if component else name for name in names]
    mounted = calls.components.by_path.get(component)

    def require_removed(removed: Mapping[str, int]) -> None:
        for name, full in zip(names, qualified, strict=True):
            if mounted is not None and mounted.database.find(name) is not None:
                raise RemovalError(
                    f'Failed to delete table "{full}" because it appears in the schema: deploy a '
                    "schema without it first"
                )
            if name.startswith("_"):
                raise RemovalError(
                    f'Failed to delete table "{full}" because it is a system table: delete all '
                    "that the component had"
                )
            if full not in removed:
                raise RemovalError(f'There is no table "{full}".')

    if dry_run:
        async with calls.engine.snapshot() as snapshot:
            removed = await snapshot.removed_tables()
        require_removed(removed)
        return sum(removed[full] for full in qualified)

    async def work(store: WriteTransaction) -> int:
        require_removed(await store.removed_tables())
        store.note_no_keys()
        return sum([await store.clear_removed(full) for full in qualified])

    return (await calls.write(work)).value


async def delete_component(calls: Calls, path: str, *, dry_run: bool = False) -> int:
    """Delete all that a component had which is not mounted any more, and components within it.

    Its files go first, so that a crash in between leaves the rows by which they are found again.

    Args:
        calls: What the deployment runs functions with.
        path: Where it was mounted.
        dry_run: Only count what would be deleted.

    Returns:
        how many documents it had.

    Raises:
        RemovalError: it is mounted, or never was.
    """
    if not path or path in calls.components.by_path:
        raise _is_mounted(path)
    async with calls.engine.snapshot() as snapshot:
        removed = await snapshot.removed_tables()
        own = [name for name in removed if name.startswith(f"{path}/")]
        if not own:
            raise RemovalError(f'There was no component "{path}".')
        if dry_run:
            return sum(removed[name] for name in own)
        files = [
            orjson.loads(text)["key"]
            for name in own
            if name.rpartition("/")[2] == FILES
            for text in await snapshot.removed_texts(name)
        ]

    async def require_removed(snapshot: Snapshot) -> None:
        # Another process may have deployed it again.
        if not (await snapshot.removed_tables()).keys() >= set(own):
            raise _is_mounted(path)

    async with calls.engine.snapshot() as snapshot:
        await require_removed(snapshot)
    for key in files:
        await calls.files.store.delete(key)

    async def work(store: WriteTransaction) -> int:
        await require_removed(store)
        store.note_no_keys()
        return sum([await store.clear_removed(name) for name in own])

    return (await calls.write(work)).value


def _is_mounted(path: str) -> RemovalError:
    what = f'component "{path}"' if path else "the application"
    return RemovalError(f"Failed to delete {what}: it is mounted. Deploy without it first.")


async def delete_scheduled_functions(calls: Calls, component: Component) -> int:
    """Delete the rows of a component's scheduled functions, but of those that run; how many."""

    async def work(store: WriteTransaction) -> tuple[int, bytes | None]:
        transaction = Transaction(store, component.database, limits=NO_LIMITS)
        table = component.database.table(SCHEDULED)
        rows: list[Any] = await transaction.scan(
            table, table.indexes["by_creation_time"], after, HIGHEST, limit=_BATCH
        )
        gone = [row for row in rows if row.document["state"]["kind"] != "inProgress"]
        for row in gone:
            await transaction.delete(row.document["_id"])
        return len(gone), key_successor(rows[-1].key) if len(rows) == _BATCH else None

    total, after = 0, LOWEST
    while True:
        deleted, following = (await calls.write(work)).value
        total += deleted
        if following is None:
            return total
        after = following
