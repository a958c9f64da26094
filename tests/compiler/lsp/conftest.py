from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.compiler.lsp.editor import Editor, running_editor

SCHEMA = """\
from convexity.server import define_schema, define_table
from convexity.values import v

schema = define_schema(
    users=define_table(name=v.string()),
    messages=define_table(
        authorId=v.id("users"),
        channel=v.string(),
        content=v.optional(v.string()),
    )
    .index("by_channel", ["channel"])
    .index("by_authorId_and_channel", ["authorId", "channel"])
    .search_index("search_content", search_field="content", filter_fields=["channel"]),
)
"""
MESSAGES = '''\
"""Messages of channels."""

from convexity.values import v

from ._generated.api import internal
from ._generated.data_model import Id, MessagesDoc, Users
from ._generated.server import MutationCtx, QueryCtx, internal_mutation, mutation, query
from .schema import schema


@query(args={"channel": v.string()}, returns=v.array(schema.doc("messages")))
async def recent(ctx: QueryCtx, channel: str) -> list[MessagesDoc]:
    """The latest ten."""
    messages = ctx.db.query("messages")
    return await messages.with_index("by_channel").eq("channel", channel).take(10)


@mutation(args={"authorId": v.id("users"), "channel": v.string()}, returns=v.null())
async def send(ctx: MutationCtx, authorId: Id[Users], channel: str) -> None:
    """Post an empty message."""
    await ctx.db.insert("messages", {"authorId": authorId, "channel": channel})
    await ctx.scheduler.run_after(0, internal.messages.tidy, channel=channel)


@internal_mutation(args={"channel": v.string()}, returns=v.null())
async def tidy(ctx: MutationCtx, channel: str) -> None:
    """Forget what is old."""
    print(channel)
'''
REPORTS = """\
from convexity.values import v

from ._generated.api import api
from ._generated.data_model import Id, MessagesDoc, Users
from ._generated.server import ActionCtx, QueryCtx, action, query
from .schema import schema


@query(args={"authorId": v.id("users")}, returns=v.array(schema.doc("messages")))
async def first(ctx: QueryCtx, authorId: Id[Users]) -> list[MessagesDoc]:
    return await (
        ctx.db.query("messages")
        .with_index("by_authorId_and_channel")
        .eq("authorId", authorId)
        .take(1)
    )


@action(args={}, returns=v.number())
async def count(ctx: ActionCtx) -> float:
    return len(await ctx.run_query(api.messages.recent, channel="general"))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A sound project; returns its functions folder."""
    return write_chat(tmp_path)


def write_chat(root: Path) -> Path:
    """Write the project that the tests begin with, and return its functions folder."""
    folder = root / "convex"
    folder.mkdir(parents=True)
    (root / "pyproject.toml").write_text('[project]\nname = "chat"\n\n[tool.convexity]\n')
    for name, text in (("schema", SCHEMA), ("messages", MESSAGES), ("reports", REPORTS)):
        (folder / f"{name}.py").write_text(text)
    return folder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_editor() -> AsyncIterator[Editor]:
    """An editor without folders, for all tests of a module: a server takes a while to start."""
    async with running_editor() as editor:
        yield editor


@pytest_asyncio.fixture(loop_scope="module")
async def editor(shared_editor: Editor, project: Path) -> AsyncIterator[Editor]:
    """An editor whose only workspace folder is the project."""
    shared_editor.add_folders(project.parent)
    yield shared_editor
    shared_editor.close_all()
    shared_editor.remove_folders(project.parent)
    assert shared_editor.logged == []
