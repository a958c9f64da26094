"""Write a project of any size in the style of the chat: valid under every rule.

``python -m benchmarks.generate_project FOLDER [--modules 200]``
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

FUNCTIONS_PER_MODULE: Final = 8
MODULES_PER_AREA: Final = 5
"""Modules that share the two tables of an area."""

_PYPROJECT: Final = """\
[project]
name = "generated"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = []

[tool.convexity]
functions = "convex"
"""

_SCHEMA_HEAD: Final = '''\
"""Tables of the generated project."""

from convexity.server import define_schema, define_table
from convexity.values import v

schema = define_schema(
'''

_SCHEMA_TABLES: Final = """\
    channels{n}=define_table(name=v.string(), topic=v.optional(v.string())),
    messages{n}=define_table(
        channelId=v.id("channels{n}"),
        author=v.string(),
        content=v.string(),
        status=v.literal("draft", "sent", "deleted"),
        reactions=v.record(v.string(), v.number()),
    )
    .index("by_channelId", ["channelId"])
    .index("by_author_and_status", ["author", "status"]),
"""

_MODULE: Final = '''\
"""Channels and messages of area {n}."""

from convexity.values import ConvexError, v

from ._generated.api import internal
from ._generated.data_model import Channels{n}, Channels{n}Doc, Id, Messages{n}, Messages{n}Doc
from ._generated.server import (
    ActionCtx,
    MutationCtx,
    QueryCtx,
    action,
    internal_mutation,
    internal_query,
    mutation,
    query,
)
from .schema import schema

HISTORY_LENGTH = 10
MESSAGE_FIELDS = {{"channelId": v.id("channels{n}"), "author": v.string(), "content": v.string()}}


@mutation(args={{"name": v.string()}}, returns=v.id("channels{n}"))
async def create_channel(ctx: MutationCtx, name: str) -> Id[Channels{n}]:
    """Create a channel with a given name."""
    if not name.strip():
        raise ConvexError("A channel needs a name")
    return await ctx.db.insert("channels{n}", {{"name": name}})


@query(args={{"channelId": v.id("channels{n}")}}, returns=v.nullable(schema.doc("channels{n}")))
async def get_channel(ctx: QueryCtx, channelId: Id[Channels{n}]) -> Channels{n}Doc | None:
    """Return a channel, or nothing when it does not exist."""
    return await ctx.db.get(channelId)


@query(args={{"channelId": v.id("channels{n}")}}, returns=v.array(schema.doc("messages{n}")))
async def list_messages(ctx: QueryCtx, channelId: Id[Channels{n}]) -> list[Messages{n}Doc]:
    """Return the most recent messages of a channel, newest first."""
    return await recent_messages(ctx, channelId)


@mutation(args=MESSAGE_FIELDS, returns=v.id("messages{n}"))
async def send_message(
    ctx: MutationCtx, channelId: Id[Channels{n}], author: str, content: str
) -> Id[Messages{n}]:
    """Send a message to a channel and count it."""
    channel = await ctx.db.get(channelId)
    if channel is None:
        raise ConvexError("Channel not found")
    message_id = await ctx.db.insert(
        "messages{n}",
        {{
            "channelId": channelId,
            "author": author,
            "content": content,
            "status": "sent",
            "reactions": {{}},
        }},
    )
    await ctx.scheduler.run_after(0, internal.{module}.mark_sent, messageId=message_id)
    return message_id


@internal_mutation(args={{"messageId": v.id("messages{n}")}}, returns=v.null())
async def mark_sent(ctx: MutationCtx, messageId: Id[Messages{n}]) -> None:
    """Mark a message as sent."""
    await ctx.db.patch(messageId, {{"status": "sent"}})


@internal_query(
    args={{"author": v.string(), "limit": v.optional(v.number())}},
    returns=v.array(v.string()),
)
async def load_drafts(ctx: QueryCtx, author: str, limit: int | None = None) -> list[str]:
    """Load the texts of an author's drafts."""
    drafts = await (
        ctx.db.query("messages{n}")
        .with_index("by_author_and_status")
        .eq("author", author)
        .eq("status", "draft")
        .take(limit or HISTORY_LENGTH)
    )
    return [draft["content"] for draft in drafts]


@action(args={{"channelId": v.id("channels{n}"), "topic": v.string()}}, returns=v.string())
async def summarise_channel(ctx: ActionCtx, channelId: Id[Channels{n}], topic: str) -> str:
    """Put the drafts on a topic into one text and post it."""
    drafts = await ctx.run_query(internal.{module}.load_drafts, author=topic)
    summary = "; ".join(drafts)
    await ctx.run_mutation(
        internal.{module}.post_summary, channelId=channelId, content=summary or "nothing new"
    )
    return summary


@internal_mutation(
    args={{"channelId": v.id("channels{n}"), "content": v.string()}}, returns=v.null()
)
async def post_summary(ctx: MutationCtx, channelId: Id[Channels{n}], content: str) -> None:
    """Post a summary as the channel's topic."""
    channel = await ctx.db.get(channelId)
    if channel is None:
        raise ConvexError("Channel not found")
    if channel.get("topic") != content:
        await ctx.db.patch(channelId, {{"topic": content}})


async def recent_messages(
    ctx: QueryCtx, channel_id: Id[Channels{n}]
) -> list[Messages{n}Doc]:
    """Return the latest messages of a channel, newest first."""
    return await (
        ctx.db.query("messages{n}")
        .with_index("by_channelId")
        .eq("channelId", channel_id)
        .order("desc")
        .take(HISTORY_LENGTH)
    )
'''


def generate_project(root: Path, modules: int = 200) -> Path:
    """Write a project with ``modules`` modules of eight functions; five share two tables.

    Returns ``root``, which is made when it does not exist.
    """
    functions = root / "convex"
    functions.mkdir(parents=True, exist_ok=True)
    (root / "pyproject.toml").write_text(_PYPROJECT, encoding="utf-8")
    (functions / "__init__.py").write_text("", encoding="utf-8")
    areas = range(-(-modules // MODULES_PER_AREA))
    tables = "".join(_SCHEMA_TABLES.format(n=area) for area in areas)
    (functions / "schema.py").write_text(f"{_SCHEMA_HEAD}{tables})\n", encoding="utf-8")
    for number in range(modules):
        module = f"area{number}"
        text = _MODULE.format(n=number // MODULES_PER_AREA, module=module)
        (functions / f"{module}.py").write_text(text, encoding="utf-8")
    return root


def main() -> None:
    """Write a project to the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--modules", type=int, default=200)
    arguments = parser.parse_args()
    generate_project(arguments.folder, arguments.modules)


if __name__ == "__main__":
    main()
