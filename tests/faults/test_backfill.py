"""kill -9 while search and vector indexes are built from existing documents."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest
from convexity.database.vector_search import vector_search

from tests.database.by_hand import Database, deployed, make_table
from tests.faults.notes_to_index import DOCUMENTS, INDEXES, VALIDATOR
from tests.support.engines import IS_POSTGRES, run_sql, stored_tables

REPOSITORY = Path(__file__).parents[2]
PLAIN = make_table("notes", VALIDATOR)
INDEXED = make_table("notes", VALIDATOR, **INDEXES)


async def found(database: Database, text: str) -> list[float]:
    async with database.reading() as (db, _):
        query = db.query("notes").with_search_index("search_body").search("body", text)
        return [document["n"] for document in await query.take(5)]


@pytest.mark.parametrize("after", [1, DOCUMENTS // 2, DOCUMENTS])
async def test_a_killed_backfill_leaves_nothing_and_is_done_again(
    tmp_path: Path, after: int
) -> None:
    path = tmp_path / "app.db"
    async with deployed(path, PLAIN) as database:
        await database.insert(
            "notes",
            *(
                {"body": f"word number{n}", "n": float(n), "e": [1.0, float(n)]}
                for n in range(DOCUMENTS)
            ),
        )
    before = stored_tables(path)
    deploying = [sys.executable, "-m", "tests.faults.notes_to_index", str(path), str(after)]
    process = await asyncio.create_subprocess_exec(*deploying, cwd=REPOSITORY)
    assert await process.wait() == -signal.SIGKILL
    assert stored_tables(path) == before
    assert IS_POSTGRES or run_sql("PRAGMA integrity_check", path=path) == [("ok",)]

    async with deployed(path, INDEXED) as database:
        assert database.deployment.built_indexes == ("notes.search_body", "notes.by_e")
        last = DOCUMENTS - 1
        assert await found(database, "word") == [last - n for n in range(5)]
        assert await found(database, f"number{last}") == [last]
        async with database.reading() as (db, transaction):
            nearest = await vector_search(
                transaction, "notes", "by_e", vector=[1, 0], limit=256, any_of=[]
            )
            documents = await db.get_many([hit["_id"] for hit in nearest])
        assert [d["n"] for d in documents if d] == list(range(256))
