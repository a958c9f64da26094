"""Full-text search over 100,000 messages, against SQL written by hand on FTS5.

The peer keeps its texts in a table with an index on the channel, and a contentless FTS5 table of
the same words beside it. It ranks by FTS5's own ``bm25``, and its words are exact: it neither takes
the last one as a prefix nor has to keep the parts of a page or of a live result apart.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import apsw
from convexity.database.engine import WriteTransaction
from convexity.database.reader import DatabaseReader
from convexity.database.transaction import Transaction

from benchmarks.databases import Database, compiled, milliseconds
from benchmarks.table import Table

MESSAGES: Final = 100_000
CHANNELS: Final = 100
VOCABULARY: Final = 20_000
WORDS: Final = (5, 50)
"""Fewest and most words of a message."""
BEST: Final = 10
ROUNDS: Final = 15
SINGLE_WRITES: Final = 200
SEARCHES: Final = {
    "a rare word": "w05000",
    "a word of every fifth message": "w00010",
    "a word of nine of ten messages": "w00000",
    "three words": "w00100 w00500 w05000",
}
_INDEX: Final = '.search_index("search_body", search_field="body", filter_fields=["channel"])'
_SCHEMA: Final = """\
from convexity.server import define_schema, define_table
from convexity.values import v

schema = define_schema(messages=define_table(body=v.string(), channel=v.string()){index})
"""
_PEER: Final = """\
CREATE TABLE messages (id INTEGER PRIMARY KEY, channel TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX by_channel ON messages (channel);
CREATE VIRTUAL TABLE words USING fts5(body, content='', tokenize='ascii');
"""
_PEER_SEARCH: Final = (
    "SELECT m.id, m.body FROM words JOIN messages AS m ON m.id = words.rowid "
    "WHERE words MATCH ? {} ORDER BY bm25(words), m.id DESC LIMIT ?"
)


def run() -> Table:
    """Measure both in turns; return the table."""
    return asyncio.run(_measure())


async def _measure() -> Table:
    table = Table(
        f"The {BEST} best of {MESSAGES:,} messages, medians of {ROUNDS} searches",
        ("", "convexity ms", "FTS5 by hand ms", "by hand / convexity"),
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        peer = _peer(folder / "peer.db")
        async with (
            compiled(folder / "with", _SCHEMA.format(index=_INDEX)) as database,
            compiled(folder / "without", _SCHEMA.format(index="")) as plain,
        ):
            await database.insert("messages", messages())
            for title, text in SEARCHES.items():
                table.add(title, *await _compared(database, peer, text, None))
            within = f"three words, in one channel of {CHANNELS}"
            table.add(within, *await _compared(database, peer, SEARCHES["three words"], "7"))
            indexed = await _one_by_one(database)
            bare = await _one_by_one(plain)
            table.add("one insert with the index / without", f"{indexed:.2f}", f"{bare:.2f}", "")
        peer.close()
    return table


def messages() -> Iterator[dict[str, Any]]:
    """The messages, whose words are as frequent as those of languages are."""
    chance = random.Random(5)
    words = [f"w{number:05}" for number in range(VOCABULARY)]
    frequencies = list(itertools.accumulate(1 / (number + 1) for number in range(VOCABULARY)))
    for number in range(MESSAGES):
        chosen = chance.choices(words, cum_weights=frequencies, k=chance.randint(*WORDS))
        yield {"body": " ".join(chosen), "channel": str(number % CHANNELS)}


def _peer(path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(path))
    connection.pragma("journal_mode", "WAL")
    connection.execute(_PEER)
    with connection:
        for number, message in enumerate(messages()):
            row = (number, message["channel"], message["body"])
            connection.execute("INSERT INTO messages VALUES (?, ?, ?)", row)
            connection.execute(
                "INSERT INTO words (rowid, body) VALUES (?, ?)", (number, message["body"])
            )
    return connection


async def _compared(
    database: Database, peer: apsw.Connection, text: str, channel: str | None
) -> tuple[str, str, str]:
    async def ours() -> None:
        async with database.reading() as transaction:
            query: Any = DatabaseReader(transaction).query("messages")
            query = query.with_search_index("search_body").search("body", text)
            if channel is not None:
                query = query.eq("channel", channel)
            found = await query.take(BEST)
        if not found:
            raise RuntimeError(f"nothing has the words {text!r}")

    async def theirs() -> None:
        expression = " OR ".join(f'"{word}"' for word in text.split())
        condition, given = ("", ()) if channel is None else ("AND m.channel = ?", (channel,))
        peer.execute(_PEER_SEARCH.format(condition), (expression, *given, BEST)).fetchall()

    our_time = await milliseconds(ours, ROUNDS)
    their_time = await milliseconds(theirs, ROUNDS)
    return f"{our_time:.1f}", f"{their_time:.1f}", f"{their_time / our_time:.2f}x"


async def _one_by_one(database: Database) -> float:
    """Median milliseconds of a mutation that inserts one message, until it is durable."""
    upcoming = messages()

    async def insert() -> None:
        message = next(upcoming)

        async def work(store: WriteTransaction) -> None:
            await Transaction(store, database.catalog).insert("messages", message)

        await database.engine.write(work)

    return await milliseconds(insert, SINGLE_WRITES)
