"""Calling functions: results, errors, identities, transactions of the test, HTTP actions."""

from __future__ import annotations

import asyncio
import traceback

import pytest
from convexity.errors import ContextError, OverloadedError
from convexity.functions.references import ReferenceChain
from convexity.server import ArgumentValidationError, TransactionLimitError
from convexity.testing import ConvexityTest, SyncConvexityTest
from convexity.values import ConvexError

api = internal = ReferenceChain()


async def test_functions_of_every_kind_are_called_by_reference(t: ConvexityTest) -> None:
    book = await t.mutation(api.books.add, title="Emma", copies=2)
    assert [found["_id"] for found in await t.query(api.books.newest)] == [book]
    assert await t.query(internal.books.copies, book=book) == 2
    assert await t.action(api.loans.heavy, seconds=4) == 8


async def test_each_test_starts_empty(t: ConvexityTest) -> None:
    assert await t.query(api.books.newest) == []


async def test_arguments_are_validated(t: ConvexityTest) -> None:
    with pytest.raises(ArgumentValidationError, match="title"):
        await t.mutation(api.books.add, copies=2)


async def test_an_error_is_the_very_exception_with_its_traceback(t: ConvexityTest) -> None:
    book = await t.mutation(api.books.add, title="Emma", copies=2)
    await t.run(lambda ctx: ctx.db.delete(book))
    with pytest.raises(LookupError) as failed:
        await t.query(internal.books.copies, book=book)
    frame = traceback.extract_tb(failed.value.__traceback__)[-1]
    assert (frame.name, frame.line) == ("copies", "raise LookupError(book)")
    assert frame.filename.endswith("library/library/books.py")
    with pytest.raises(ConvexError) as refused:
        await t.mutation(api.books.add, title="Emma", copies=-1)
    assert refused.value.data == {"code": "negative"}


async def test_what_ends_a_transaction_can_be_expected(t: ConvexityTest) -> None:
    with pytest.raises(TransactionLimitError, match="Too many functions"):
        await t.mutation(api.books.schedules_too_much)


async def test_identities(t: ConvexityTest) -> None:
    book = await t.mutation(api.books.add, title="Emma", copies=2)
    with pytest.raises(ConvexError, match="sign in first"):
        await t.mutation(api.loans.borrow, book=book)
    ada, grace = t.with_identity({"name": "Ada"}), t.with_identity({"subject": "grace"})
    await ada.mutation(api.loans.borrow, book=book)
    assert [loan["book"] for loan in await ada.query(api.loans.mine)] == [book]
    assert await grace.query(api.loans.mine) == []
    assert await t.query(api.loans.mine) == []


async def test_run_is_one_transaction(t: ConvexityTest) -> None:
    async def fails(ctx: object) -> None:
        await ctx.db.insert("books", {"title": "undone", "copies": 0})  # type: ignore[attr-defined]
        raise RuntimeError("undo")

    with pytest.raises(RuntimeError, match="undo"):
        await t.run(fails)
    assert await t.query(api.books.newest) == []
    kept = []
    await t.run(lambda ctx: _keep(kept, ctx))
    with pytest.raises(ContextError, match="after the function had ended"):
        await kept[0].db.query("books").first()


async def _keep(kept: list[object], ctx: object) -> None:
    kept.append(ctx)


async def test_calls_may_run_at_once(t: ConvexityTest) -> None:
    calls = (t.mutation(api.books.add, title=str(n), copies=n) for n in range(20))
    assert len(set(await asyncio.gather(*calls))) == 20


async def test_log_lines_are_kept_and_shown(
    t: ConvexityTest, capsys: pytest.CaptureFixture[str]
) -> None:
    await t.mutation(api.books.add, title="Emma", copies=2)
    assert t.log_lines == ["[LOG] 'added' 'Emma'"]
    assert capsys.readouterr().out == "[LOG] 'added' 'Emma'\n"


async def test_http_actions(t: ConvexityTest, capsys: pytest.CaptureFixture[str]) -> None:
    ada = t.with_identity({"subject": "ada"})
    answer = await ada.fetch("/books", method="POST", json={"title": "Emma"})
    (book,) = await t.query(api.books.newest)
    assert (answer.status_code, answer.json()) == (201, {"book": book["_id"], "by": "ada"})
    assert (await t.fetch("/books")).status_code == 404
    assert (await t.fetch("/broken")).status_code == 500
    assert "ValueError: no" in capsys.readouterr().err


async def test_files(t: ConvexityTest) -> None:
    address = await t.mutation(api.books.upload_url)
    uploaded = await t.fetch(address, method="POST", content=b"png")
    for cover in (uploaded.json()["storageId"], await t.action(api.books.store_cover, data=b"png")):
        found = await t.fetch(await t.query(api.books.cover_url, cover=cover))
        assert (found.status_code, found.content) == (200, b"png")


async def test_a_storage_that_fails(t: ConvexityTest) -> None:
    cover = await t.action(api.books.store_cover, data=b"png")
    t.faults.fail_storage("store", OverloadedError("the disk is full"))
    t.faults.fail_storage("read", ConnectionError)
    with pytest.raises(OverloadedError, match="the disk is full"):
        await t.action(api.books.store_cover, data=b"png")
    address = await t.query(api.books.cover_url, cover=cover)
    assert (await t.fetch(address)).status_code == 500
    assert (await t.fetch(address)).content == b"png"


async def test_documents_keep_their_order(t: ConvexityTest) -> None:
    for n in range(5):
        await t.mutation(api.books.add, title=str(n), copies=n)
    assert [book["title"] for book in await t.query(api.books.newest)] == ["4", "3", "2", "1", "0"]


def test_without_await(sync_t: SyncConvexityTest) -> None:
    book = sync_t.mutation(api.books.add, title="Emma", copies=2)
    assert sync_t.run(lambda ctx: ctx.db.get(book))["title"] == "Emma"
    assert sync_t.fetch("/broken").status_code == 500
    with pytest.raises(ConvexError):
        sync_t.with_identity({"name": "Ada"}).mutation(api.books.add, title="", copies=-1)
