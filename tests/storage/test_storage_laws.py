"""The law of stored files: bytes lie in the store for the files there are, and for nothing else.

Uploads and deletions are cancelled at any moment, the store fails at times, and the process dies
without having cleaned up; the next one does.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from convexity.database.catalog import Catalog
from convexity.database.engine import Engine
from convexity.database.file_writers import OnlyWriter
from convexity.database.process_lock import FileLock, NoLock
from convexity.database.sqlite.file_writers import LockedWriters
from convexity.errors import SupersededError
from convexity.http.byte_ranges import UnsatisfiableError, requested_range
from convexity.storage.cleaning import FileCleaner
from convexity.storage.database import read, write
from convexity.storage.files import DigestMismatchError, FileStorage
from convexity.storage.memory_store import MemoryStore
from convexity.storage.rows import delete_file, find_file
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.functions.harness import SCHEMA
from tests.support.engines import engine_at

PATIENCE = 60.0
NEVER = 40


class Database:
    """An engine with its tables, as files need it."""

    def __init__(self, engine: Engine, catalog: Catalog) -> None:
        self.engine = engine
        self.database = catalog
        self.write = engine.write


class UnreliableStore(MemoryStore):
    """Takes its time, and fails when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.failures: set[str] = set()
        self.refused = 0
        self.deletion = asyncio.Event()

    async def write(self, key: str, pieces: AsyncIterable[bytes], /) -> None:
        async def slowly() -> AsyncIterator[bytes]:
            async for piece in pieces:
                await asyncio.sleep(0)
                yield piece

        if "before" in self.failures:
            raise OSError("no")
        await super().write(key, slowly())
        await asyncio.sleep(0)
        if "after" in self.failures:
            raise OSError("no")

    async def delete(self, key: str, /) -> None:
        await asyncio.sleep(0)
        self.deletion.set()
        if "delete" in self.failures:
            self.refused += 1
            raise OSError("no")
        await super().delete(key)

    @property
    def keys(self) -> set[str]:
        return set(self._contents)


async def clean_until(
    condition: Callable[[], bool], files: FileStorage, database: Database
) -> None:
    """Run the cleaner until something that deletions bring about."""
    store: Any = files.store
    cleaner = FileCleaner(files, [database], NoLock())
    cleaner.start()
    async with asyncio.timeout(PATIENCE):
        while not condition():
            store.deletion.clear()
            await store.deletion.wait()
    await cleaner.stop()


async def clean_for(milliseconds: int, files: FileStorage, database: Database) -> None:
    """Run the cleaner and stop it amid its work."""
    cleaner = FileCleaner(files, [database], NoLock())
    cleaner.start()
    await asyncio.sleep(milliseconds / 1000)
    await cleaner.stop()


async def each(content: bytes) -> AsyncIterator[bytes]:
    for place in range(0, len(content), 3):
        yield content[place : place + 3]


async def settle(database: Database) -> None:
    """Wait for what was cancelled: it may still commit, before whatever is written next."""
    await write(database, lambda transaction: transaction.meta_set("settled", "yes"))


async def stored_files(database: Database) -> dict[str, Any]:
    """Rows of all files, by id."""
    await settle(database)
    table = database.database.table("_storage")

    async def find(transaction: Any) -> list[Any]:
        index = table.indexes["by_creation_time"]
        return await transaction.scan(table, index, b"", b"\xff" * 64, limit=1000)

    return {row.document["_id"]: row.document for row in await read(database, find)}


operations = st.one_of(
    st.tuples(st.just("store"), st.binary(max_size=12), st.integers(0, NEVER)),
    st.tuples(st.just("mismatch"), st.binary(max_size=12), st.integers(0, NEVER)),
    st.tuples(st.just("delete"), st.integers(0, 5), st.integers(0, NEVER)),
    st.tuples(st.just("failures"), st.sets(st.sampled_from(["before", "after", "delete"]))),
    st.tuples(st.just("crash")),
    st.tuples(st.just("clean"), st.integers(0, 10)),
)


@settings(deadline=None, max_examples=40)
@given(steps=st.lists(operations, max_size=14))
async def test_bytes_lie_there_for_files_alone(steps: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine = engine_at(Path(folder) / "app.db")
        database = Database(engine, (await engine.start(SCHEMA)).catalog)
        store = UnreliableStore()
        files = started(store)
        contents: dict[str, bytes] = {}
        for step in steps:
            match step:
                case ("store" | "mismatch" as kind, content, moment):
                    digest = bytes(32) if kind == "mismatch" else hashlib.sha256(content).digest()
                    upload = files.receive(
                        database, each(content), content_type=None, sha256=digest
                    )
                    file = await cancelled_after(upload, moment)
                    if file is not None:
                        contents[file] = content
                case ("delete", number, moment) if contents:
                    file = sorted(contents)[number % len(contents)]
                    content = contents.pop(file)
                    done = await cancelled_after(deleted(database, file), moment)
                    if file in await stored_files(database):
                        assert done is None
                        contents[file] = content
                case ("failures", failures):
                    store.failures = failures
                case ("crash",):
                    await settle(database)  # after its death a process commits no more
                    files = started(store)
                case ("clean", milliseconds):
                    await clean_for(milliseconds, files, database)
        store.failures = set()
        files = started(store)
        rows = await stored_files(database)
        # A cancelled upload may have been recorded, but is whole then; see below.
        assert set(contents) <= set(rows)
        count = len(rows)
        await clean_until(lambda: len(store.keys) == count, files, database)
        for file in rows:
            found = await read(
                database, lambda transaction, file=file: find_file(transaction, file)
            )
            assert found is not None
            content = b"".join([piece async for piece in files.read(found)])
            assert content == contents.get(file, content)
            assert len(content) == found.size
            assert base64.b64decode(found.sha256) == hashlib.sha256(content).digest()
        await files.close()
        await engine.close()


def started(store: MemoryStore) -> FileStorage:
    """A process that knows nothing of those before."""
    return FileStorage(store, writers=OnlyWriter(), secret=b"secret", address="http://x")


async def deleted(database: Database, file: str) -> bool:
    await write(database, lambda transaction: delete_file(transaction, file))
    return True


async def cancelled_after(work: Any, moment: int) -> Any:
    """Cancel after a time, in quarters of a millisecond; the result, unless there is none."""
    task = asyncio.ensure_future(work)
    if moment < NEVER:
        await asyncio.sleep(moment / 4000)
        task.cancel()
    try:
        return await task
    except (asyncio.CancelledError, OSError, DigestMismatchError):
        return None


@given(
    size=st.integers(0, 50),
    text=st.one_of(
        st.from_regex(r"bytes=(\d{0,2}-\d{0,2})(, ?\d{0,2}-\d{0,2}){0,2}", fullmatch=True),
        st.text(max_size=20),
    ),
)
def test_a_range_lies_within_the_file(size: int, text: str) -> None:
    try:
        part = requested_range(text, size)
    except UnsatisfiableError:
        assert size
        return
    if part is not None:
        start, stop = part
        assert 0 <= start < stop <= size


@given(size=st.integers(1, 50), first=st.integers(0, 60), last=st.integers(0, 60))
def test_a_range_selects_what_it_says(size: int, first: int, last: int) -> None:
    content = bytes(range(size))
    wanted = [byte for byte in content if first <= byte <= last]

    try:
        part = requested_range(f"bytes={first}-{last}", size)
    except UnsatisfiableError:
        assert not wanted
    else:
        assert part is not None
        assert list(content[slice(*part)]) == wanted


async def test_a_process_is_known_while_it_lives(tmp_path: Path) -> None:
    one, other = (LockedWriters(tmp_path / "writer") for _ in range(2))
    assert one.own != other.own
    assert await one.is_alive(one.own)
    assert await one.is_alive(other.own)
    assert not await one.is_alive("0123456789abcdef")
    await one.bury()
    assert await other.is_alive(one.own)

    name = other.own
    other._lock.release()  # what the system does when a process dies

    assert not await one.is_alive(name)
    assert os.listdir(tmp_path) == [f"writer-{one.own}"]
    one.close()
    assert os.listdir(tmp_path) == []


async def test_a_journal_beside_a_lock_is_left_alone(tmp_path: Path) -> None:
    strange = tmp_path / "writer-0123456789abcdef-journal"
    strange.write_text("not ours")
    writers = LockedWriters(tmp_path / "writer")

    await writers.bury()

    assert strange.exists()
    assert not FileLock(tmp_path / f"writer-{writers.own}").try_acquire()
    writers.close()


@pytest.mark.parametrize("size", [1, 3])
async def test_what_cannot_be_deleted_now_is_deleted_later(tmp_path: Path, size: int) -> None:
    engine = engine_at(tmp_path / "app.db")
    database = Database(engine, (await engine.start(SCHEMA)).catalog)
    store = UnreliableStore()
    files = started(store)
    for number in range(size):
        file = await files.receive(database, each(b"%d" % number), content_type=None, sha256=None)
        await deleted(database, file)
    store.failures = {"delete"}
    await clean_until(lambda: store.refused >= size, files, database)
    assert len(store.keys) == size
    store.failures = set()
    await clean_until(lambda: not store.keys, files, database)
    await files.close()
    await engine.close()


class WatchedLock(NoLock):
    """Tells when it is given back."""

    def __init__(self) -> None:
        self.taken = 0
        self.released = asyncio.Event()

    async def acquire(self, _lost: Callable[[], None] = lambda: None, /) -> None:
        self.taken += 1

    def release(self) -> None:
        self.released.set()


async def test_a_superseded_process_leaves_cleaning_to_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = engine_at(tmp_path / "app.db")
    database = Database(engine, (await engine.start(SCHEMA)).catalog)
    files = started(UnreliableStore())
    file = await files.receive(database, each(b"bytes"), content_type=None, sha256=None)
    await deleted(database, file)

    async def refused(_work: Any) -> Any:
        raise SupersededError("another version was deployed")

    database.write = refused
    lock = WatchedLock()
    cleaner = FileCleaner(files, [database], lock)
    cleaner.start()
    async with asyncio.timeout(PATIENCE):
        await lock.released.wait()
    for _ in range(10):
        await asyncio.sleep(0)
    assert lock.taken == 1
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "are deleted here any more: another version was deployed" in caplog.text
    await cleaner.stop()
    await files.close()
    await engine.close()
