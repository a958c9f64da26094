"""The fixture project under ``mypy --strict``, and what its types refuse."""

from __future__ import annotations

from pathlib import Path

from tests.compiler.references.checked_projects import mypy_findings

WRONG = """\
from ._generated.server import ActionCtx, QueryCtx


async def words(ctx: QueryCtx) -> None:
    search = ctx.db.query("messages").with_search_index("search_body")
    await search.take(1)
    await search.search("channel", "x").take(1)
    await search.search("body", "x").eq("author.name", "x").take(1)
    await search.search("body", "x").eq("channel", 1).take(1)
    search.search("body", "x").order("desc")


async def vectors(ctx: ActionCtx) -> None:
    await ctx.vector_search("articles", "by_embedding", vector=["x"])
    await ctx.vector_search("articles", "by_embedding", vector=[1.0], any_of=[("title", "x")])
    await ctx.vector_search("messages", "search_body", vector=[1.0])
"""


def test_right_uses_are_typed_and_wrong_ones_found(search_dist: Path) -> None:
    project = search_dist.parent
    wrong = project / "convex" / "wrong.py"
    wrong.write_text(WRONG)
    try:
        findings = mypy_findings(project)
    finally:
        wrong.unlink()
    assert sorted(findings) == [("convex/wrong.py", line) for line in (6, 7, 8, 9, 10, 14, 15, 16)]
