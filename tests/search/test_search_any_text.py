"""No text, stored or looked for, is anything else than words."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from convexity.search.words import document_words, query_words
from convexity.values import v
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.database.by_hand import deployed, make_table

NOTES = make_table(
    "notes",
    v.object(body=v.string(), tag=v.string()),
    search={"search_body": ("body", ["tag"])},
)

operators = st.sampled_from(
    [
        *('"', "'", "*", "^", "AND", "OR", "NOT", "NEAR(", ")", "words:", "filters : ", "{words}:"),
        *("+", "a", "b", " ", "-", "\\", "%", "_", ";", "--", "\x00", "\ud800", "😀", "rowid"),
    ]
)
texts = st.lists(operators, max_size=8).map("".join) | st.text(max_size=12)


@settings(deadline=None, max_examples=25)
@given(st.lists(texts, min_size=1, max_size=5), st.lists(texts, min_size=1, max_size=20))
@example(['a" OR words:b'], ['a" OR "b', 'x" AND filters : "0x'])
def test_a_search_finds_what_has_its_words(stored: list[str], wanted: list[str]) -> None:
    storable = [text.replace("\ud800", "") for text in stored]

    async def run(path: Path) -> None:
        async with deployed(path, NOTES) as database:
            await database.insert("notes", *({"body": text, "tag": text} for text in storable))
            async with database.reading() as (db, _):
                for text in wanted:
                    query = db.query("notes").with_search_index("search_body").search("body", text)
                    found: list[dict[str, Any]] = await query.collect()
                    assert sorted(d["body"] for d in found) == sorted(
                        body for body in storable if matches(body, text)
                    )
                    for tag in {*storable, "a", 'a" OR "b'}:
                        of_tag = await query.eq("tag", tag).collect()
                        assert of_tag == [d for d in found if d["tag"] == tag]

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder) / "app.db"))


def matches(body: str, text: str) -> bool:
    """Whether a text has one of the words, or the beginning of the last one."""
    words, wanted = document_words(body), query_words(text)
    return any(word in wanted or word.startswith(wanted[-1]) for word in words if wanted)
