"""Search equals a naive model after any writes and deployments, and live searches miss nothing."""

from __future__ import annotations

import asyncio
import contextlib
import math
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from convexity.database.engine import Commit
from convexity.database.ranges import ReadSet
from convexity.database.transaction import Transaction
from convexity.database.writer import DatabaseWriter
from convexity.values import UNSET, Int64, v
from convexity.values.ordering import compare
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.database.by_hand import Database, deployed, make_table
from tests.support.engines import ENGINE

VOCABULARY = ("a", "an", "ant", "b", "ß")
FILTERS = (UNSET, 1.0, Int64(1))
FIELDS = {
    "body": v.optional(v.any()),
    "n": v.optional(v.any()),
    "m": v.optional(v.object(k=v.optional(v.any()))),
    "likes": v.optional(v.number()),
}


class Search(NamedTuple):
    """A query; without ``take`` for all results."""

    words: tuple[str, ...]
    filters: tuple[tuple[str, Any], ...]
    take: int | None

    @property
    def text(self) -> str:
        return " ".join(self.words)


texts = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=6).map(" ".join)
bodies = texts | texts | texts | st.sampled_from([None, 1.0, "", "-"])
others = {
    "n": st.sampled_from(FILTERS[1:]),
    "m": st.dictionaries(st.just("k"), st.sampled_from(FILTERS[1:])),
    "likes": st.sampled_from([1.0, 2.0]),
}
fields = st.fixed_dictionaries({"body": bodies}, optional=others)
patches = st.fixed_dictionaries({}, optional={"body": bodies, **others})
writes = st.one_of(
    st.tuples(st.just("insert"), fields),
    st.tuples(st.just("patch"), st.integers(0, 9), patches),
    st.tuples(st.just("replace"), st.integers(0, 9), fields),
    st.tuples(st.just("delete"), st.integers(0, 9)),
)
fails = st.sampled_from([False, False, False, True])
nested = st.tuples(st.just("nested"), fails, st.lists(writes, min_size=1, max_size=3))
mutations = st.tuples(st.just("mutation"), fails, st.lists(writes | nested, min_size=1, max_size=5))
several = st.lists(fields, min_size=3, max_size=8)
deployments = st.tuples(
    st.just("deploy"), st.sampled_from([(), ("n",), ("n", "m.k"), ("m.k", "n")])
)
searches = st.builds(
    Search,
    st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=2, unique=True).map(tuple),
    st.lists(st.tuples(st.sampled_from(["n", "m.k"]), st.sampled_from(FILTERS)), max_size=2).map(
        tuple
    ),
    st.sampled_from([None, 1]),
)


def table(filters: Sequence[str] | None) -> Any:
    search = {} if filters is None else {"search_body": ("body", filters)}
    return make_table("notes", v.object(**FIELDS), search=search)


def words_of(document: Mapping[str, Any]) -> list[str]:
    """The words of a text of the vocabulary."""
    body = document.get("body")
    return folded(body.split()) if isinstance(body, str) else []


def folded(words: Iterable[str]) -> list[str]:
    """The words without case."""
    return [{"ß": "ss"}.get(word, word) for word in words if word != "-"]


def value_of(document: Mapping[str, Any], field: str) -> Any:
    value: Any = document
    for name in field.split("."):
        value = value.get(name, UNSET) if isinstance(value, Mapping) else UNSET
    return value


def expected(documents: Sequence[Mapping[str, Any]], search: Search) -> list[Any]:
    """What a search gives, worked out over all documents, which are in order of creation."""
    terms = folded(search.words)
    rows = []
    for document in documents:
        words = words_of(document)
        counts = [float(words.count(term)) for term in terms]
        others = [w for w in words if w.startswith(terms[-1]) and w != terms[-1]]
        counts.append(len(others))
        if any(counts) and all(
            compare(value_of(document, field), value) == 0 for field, value in search.filters
        ):
            rows.append((document, len(words), counts))
    if not rows:
        return []
    average = sum(length for _, length, _ in rows) / len(rows)
    weights = [1.0] * len(terms) + [0.5]
    scored = []
    for number, (document, length, counts) in enumerate(rows):
        score = 0.0
        for column, count in enumerate(counts):
            having = sum(1 for _, _, others in rows if others[column])
            rarity = math.log(1 + (len(rows) - having + 0.5) / (having + 0.5))
            norm = 1.2 * (0.25 + 0.75 * length / average)
            score += weights[column] * rarity * count * 2.2 / (count + norm)
        scored.append((round(-score, 9), -number, document))
    return [document for _, _, document in sorted(scored, key=lambda row: row[:2])]


class Model:
    """The documents there should be, in order of creation."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, Any]] = {}

    async def apply(self, db: DatabaseWriter, write: tuple[Any, ...]) -> None:
        """Do a write in both."""
        kind, *rest = write
        if kind == "insert":
            document_id = await db.insert("notes", rest[0])
            self.documents[document_id] = dict(rest[0])
            return
        ids = list(self.documents)
        if not ids:
            return
        document_id = ids[rest[0] % len(ids)]
        if kind == "patch":
            await db.patch(document_id, rest[1])
            self.documents[document_id] = {**self.documents[document_id], **rest[1]}
        elif kind == "replace":
            await db.replace(document_id, rest[1])
            self.documents[document_id] = dict(rest[1])
        else:
            await db.delete(document_id)
            del self.documents[document_id]

    async def mutation(self, database: Database, *, fails: bool, writes: Sequence[Any]) -> None:
        """Do writes in one mutation, which may fail, or have parts that fail."""
        before = dict(self.documents)

        async def work(db: DatabaseWriter, transaction: Transaction) -> None:
            for write in writes:
                if write[0] != "nested":
                    await self.apply(db, write)
                    continue
                inner_before = dict(self.documents)
                with contextlib.suppress(ZeroDivisionError):
                    async with transaction.subtransaction(writable=True) as child:
                        for inner in write[2]:
                            await self.apply(DatabaseWriter(child), inner)
                        if write[1]:
                            self.documents = inner_before
                            raise ZeroDivisionError
            if fails:
                raise ZeroDivisionError

        with contextlib.suppress(ZeroDivisionError):
            await database.commit(work)
        if fails:
            self.documents = before


async def result(database: Database, search: Search) -> tuple[list[Any], ReadSet]:
    """The documents that a search finds, and what it read."""
    async with database.reading() as (db, transaction):
        query = db.query("notes").with_search_index("search_body").search("body", search.text)
        for field, value in search.filters:
            query = query.eq(field, value)
        found = await (query.collect() if search.take is None else query.take(search.take))
        return found, transaction.read_set


@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from([("n", "m.k"), (), None]),
    several,
    st.lists(mutations | mutations | deployments, min_size=1, max_size=8),
    st.lists(searches, min_size=2, max_size=5),
    st.booleans(),
)
def test_search_equals_the_model(
    first: Sequence[str] | None,
    stored: list[Any],
    steps: list[Any],
    wanted: list[Search],
    in_thread: bool,
) -> None:
    async def run(path: Path) -> None:
        model = Model()
        filters = first
        pending = [("mutation", False, [("insert", document) for document in stored]), *steps]
        while True:
            async with deployed(path, table(filters)) as database:
                while pending and pending[0][0] == "mutation":
                    _, fails, writes = pending.pop(0)
                    await model.mutation(database, fails=fails, writes=writes)
                    await check(database, model, filters)
                if not pending:
                    await check(database, model, filters)
                    return
            filters = pending.pop(0)[1]

    async def check(database: Database, model: Model, filters: Sequence[str] | None) -> None:
        for search in wanted:
            if filters is None or not {field for field, _ in search.filters} <= {*filters}:
                continue
            documents = [{**d, "_id": i} for i, d in model.documents.items()]
            found, _ = await result(database, search)
            ids = [document["_id"] for document in found]
            wanted_ids = [document["_id"] for document in expected(documents, search)]
            assert ids == wanted_ids[: search.take], search

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patches:
        if in_thread:
            patches.setattr(f"convexity.database.{ENGINE}.snapshot.FEW", 0)
        asyncio.run(run(Path(folder) / "app.db"))


@settings(deadline=None, max_examples=40)
@given(
    several,
    st.lists(mutations, min_size=1, max_size=6),
    st.lists(searches, min_size=2, max_size=5),
)
def test_a_live_search_misses_no_change(
    stored: list[Any], steps: list[Any], watched: list[Search]
) -> None:
    async def run(path: Path) -> None:
        model = Model()
        async with deployed(path, table(("n", "m.k"))) as database:
            commits: list[Commit] = []
            database.engine.on_commit(commits.append)
            await model.mutation(
                database, fails=False, writes=[("insert", document) for document in stored]
            )
            seen = [await result(database, search) for search in watched]
            for _, fails, writes in steps:
                commits.clear()
                await model.mutation(database, fails=fails, writes=writes)
                for number, search in enumerate(watched):
                    old, reads = seen[number]
                    new = await result(database, search)
                    is_told = any(reads.intersects(commit.writes) for commit in commits)
                    assert is_told or new[0] == old, search
                    seen[number] = new

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder) / "app.db"))
