from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from tests.compiler.lsp.editor import Editor

pytestmark = pytest.mark.asyncio(loop_scope="module")

CRONS = """\
from convexity.server import cron_jobs
from ._generated.api import internal

crons = cron_jobs()
crons.cron("tidy", "5 4 * * *", internal.messages.tidy, channel="general")
"""


async def test_hover_over_a_reference_shows_signature_and_docstring(
    editor: Editor, project: Path
) -> None:
    messages, reports = project / "messages.py", project / "reports.py"
    editor.open(messages)
    editor.open(reports)
    assert await editor.hover(messages, "internal.messages.ti") == (
        "```python\n# internal mutation messages:tidy\n"
        "async def tidy(*, channel: str) -> None\n```\n\nForget what is old."
    )
    assert await editor.hover(reports, "api.messages.rec") == (
        "```python\n# query messages:recent\n"
        "async def recent(*, channel: str) -> list[MessagesDoc]\n```\n\nThe latest ten."
    )
    assert await editor.hover(reports, "api.mess") == (
        "module `convex/messages.py`\n\nMessages of channels."
    )
    assert await editor.hover(reports, "ctx.run_qu") == ""


async def test_hover_over_names_of_the_schema(editor: Editor, project: Path) -> None:
    messages = project / "messages.py"
    editor.open(messages)
    table = (
        "```python\n# table messages\n_id: Id[Messages]\n_creationTime: float\n"
        "authorId: Id[Users]\nchannel: str\ncontent: NotRequired[str]\n```\n\n"
        "- index `by_channel` on `channel`, `_creationTime`\n"
        "- index `by_authorId_and_channel` on `authorId`, `channel`, `_creationTime`\n"
        "- search index `search_content` on `content`, filtered by `channel`"
    )
    assert await editor.hover(messages, 'ctx.db.query("mess') == table
    assert await editor.hover(messages, "-> list[MessagesD") == table
    assert await editor.hover(messages, 'with_index("by_ch') == (
        "index `by_channel` on `channel`, `_creationTime`\n\nof table `messages`"
    )
    assert await editor.hover(messages, '.eq("chan') == (
        "field `channel` of table `messages`: `str`"
    )


async def test_hover_over_a_comment_explains_the_rule(editor: Editor, project: Path) -> None:
    messages = project / "messages.py"
    editor.open(messages)
    editor.edit(messages, "print(channel)", "print(channel)  # convexity: ignore[QRY004, x] why")
    assert (await editor.hover(messages, "ignore[QRY")).startswith("# unknown-index (QRY004)")
    assert await editor.hover(messages, "QRY004, x") == ""


async def test_definitions(editor: Editor, project: Path) -> None:
    messages, reports, schema = (
        project / f"{name}.py" for name in ("messages", "reports", "schema")
    )
    for path in (messages, reports, schema):
        editor.open(path)
    assert await editor.definition(reports, "api.messages.rec") == "messages.py:12 recent"
    assert await editor.definition(reports, "api.mess") == "messages.py:1 "
    assert await editor.definition(messages, "internal.messages.ti") == "messages.py:26 tidy"
    assert await editor.definition(messages, 'query("mess') == "schema.py:6 messages"
    assert await editor.definition(messages, "authorId: Id[Us") == "schema.py:5 users"
    assert await editor.definition(messages, 'with_index("by_ch') == 'schema.py:11 "by_channel"'
    assert await editor.definition(messages, '.eq("chan') == "schema.py:8 channel"
    assert await editor.definition(schema, 'v.id("us') == "schema.py:5 users"
    assert await editor.definition(reports, "ctx.run_qu") == ""


async def test_completion_of_tables_indexes_and_fields(editor: Editor, project: Path) -> None:
    messages, reports = project / "messages.py", project / "reports.py"
    editor.open(messages)
    editor.open(reports)
    assert await editor.complete(messages, 'ctx.db.query("') == ["users", "messages"]
    assert await editor.complete(messages, 'db.insert("mess') == ["users", "messages"]
    assert "_storage" in await editor.complete(messages, '"authorId": v.id("')
    assert await editor.complete(messages, 'messages.with_index("') == [
        "by_channel",
        "by_authorId_and_channel",
        "by_creation_time",
    ]
    assert await editor.complete(messages, '.eq("') == ["channel", "_creationTime"]
    editor.edit(reports, '.eq("authorId", authorId)', '.eq("authorId", authorId).gt("")')
    assert await editor.complete(reports, '.gt("') == ["channel", "_creationTime"]
    editor.edit(
        messages,
        'messages.with_index("by_channel").eq("channel", channel)',
        'messages.with_search_index("search_content").search("").eq("", channel)',
    )
    assert await editor.complete(messages, 'with_search_index("') == ["search_content"]
    assert await editor.complete(messages, 'search("') == ["content"]
    assert await editor.complete(messages, 'eq("') == ["channel"]


async def test_completion_of_functions(editor: Editor, project: Path) -> None:
    reports = project / "reports.py"
    editor.open(reports)
    assert await editor.complete(reports, "ctx.run_query(api.") == ["messages", "reports"]
    found = await editor.completions(reports, "ctx.run_query(api.messages.")
    assert [entry.label for entry in found] == ["recent", "send"]
    assert found[0].detail == "query (*, channel: str) -> list[MessagesDoc]"
    edit = found[0].text_edit
    assert isinstance(edit, types.TextEdit)
    assert editor.text_at(reports.as_uri(), edit.range) == "recent"


async def test_completion_in_a_file_that_does_not_parse(editor: Editor, project: Path) -> None:
    messages, reports = project / "messages.py", project / "reports.py"
    editor.open(messages)
    editor.open(reports)
    await editor.rules(reports)
    editor.edit(messages, "    print(channel)\n", '    await ctx.db.query("')
    assert await editor.complete(messages, 'await ctx.db.query("') == ["users", "messages"]
    editor.edit(messages, '    await ctx.db.query("', "    ctx.run(internal.")
    await editor.rules(messages, "syntax-error")
    assert await editor.complete(messages, "ctx.run(internal.") == ["messages"]
    assert await editor.complete(messages, '.with_index("by_') == [
        "by_channel",
        "by_authorId_and_channel",
        "by_creation_time",
    ]
    editor.edit(messages, '"""Messages of channels."""', "\n\n")
    assert await editor.definition(reports, "api.messages.rec") == "messages.py:14 recent"


async def test_completion_of_rules_in_comments(editor: Editor, project: Path) -> None:
    messages = project / "messages.py"
    editor.open(messages)
    editor.edit(messages, "print(channel)", "print(channel)  # convexity: ignore[]")
    assert "unknown-index" in await editor.complete(messages, "ignore[")


async def test_names_that_are_bound_otherwise_mean_something_else(
    editor: Editor, project: Path
) -> None:
    reports = project / "reports.py"
    editor.open(reports)
    editor.edit(reports, "import api\n", "import api as public\n")
    editor.edit(reports, "ctx.run_query(api.messages", "ctx.run_query(public.messages")
    await editor.rules(reports)
    assert await editor.complete(reports, "run_query(public.") == ["messages", "reports"]
    editor.edit(reports, "public.messages.recent", "api.messages.recent")
    assert await editor.complete(reports, "run_query(api.") == []


async def test_references(editor: Editor, project: Path) -> None:
    messages, schema = project / "messages.py", project / "schema.py"
    editor.open(messages)
    editor.open(schema)
    (project / "crons.py").write_text(CRONS)
    editor.changed_on_disk(project / "crons.py")
    tidy = ["crons.py:5 tidy", "messages.py:22 tidy", "messages.py:26 tidy"]
    assert await editor.references(messages, "async def ti") == tidy
    assert await editor.references(messages, "internal.messages.ti") == tidy
    assert await editor.references(schema, '.index("by_ch|annel"') == [
        "messages.py:15 by_channel",
        'schema.py:11 "by_channel"',
    ]
    users = ["messages.py:6 Users", "messages.py:18 users", "messages.py:19 Users"]
    found = await editor.references(schema, "    us|ers=define_table")
    assert [place for place in found if place.startswith("messages")] == users
    assert "schema.py:5 users" in found


COUNTER = {
    "convex_config": """\
from convexity.server import define_component

component = define_component("counter")
""",
    "schema": """\
from convexity.server import define_schema, define_table
from convexity.values import v

schema = define_schema(
    messages=define_table(count=v.number()).index("by_count", ["count"]),
)
""",
    "messages": '''\
"""Counts of messages."""

from convexity.values import v

from ._generated.api import api
from ._generated.server import QueryCtx, query


@query(args={"least": v.number()}, returns=v.number())
async def total(ctx: QueryCtx, least: float) -> float:
    """How many there are."""
    return len(await ctx.db.query("messages").with_index("by_count").gte("count", least).take(9))


@query(args={}, returns=v.number())
async def all(ctx: QueryCtx) -> float:
    return await ctx.run_query(api.messages.total, least=0)
''',
}


CONFIG = """\
from convexity.server import define_app

from .counter.convex_config import component as counter

app = define_app()
app.use(counter, name="likes")
"""
USE = """\
from convexity.values import v

from ._generated.api import components
from ._generated.server import QueryCtx, query


@query(args={}, returns=v.number())
async def total(ctx: QueryCtx) -> float:
    return await ctx.run_query(components.likes.messages.total, least=0)
"""


async def test_a_component_is_known_by_its_own_schema_and_functions(
    editor: Editor, project: Path
) -> None:
    folder = project / "counter"
    folder.mkdir()
    for name, text in COUNTER.items():
        (folder / f"{name}.py").write_text(text)
    own, outer = folder / "messages.py", project / "messages.py"
    editor.open(own)
    editor.open(outer)
    assert await editor.hover(own, "api.messages.tot") == (
        "```python\n# query messages:total\n"
        "async def total(*, least: float) -> float\n```\n\nHow many there are."
    )
    assert await editor.hover(own, 'with_index("by_c') == (
        "index `by_count` on `count`, `_creationTime`\n\nof table `messages`"
    )
    assert await editor.hover(own, 'ctx.db.query("mess') == (
        "```python\n# table messages\n_id: Id[Messages]\n_creationTime: float\ncount: float\n```"
        "\n\n- index `by_count` on `count`, `_creationTime`"
    )
    assert await editor.definition(own, "api.messages.tot") == "messages.py:10 total"
    assert await editor.references(own, "async def tot") == [
        "messages.py:10 total",
        "messages.py:17 total",
    ]
    assert await editor.hover(outer, "internal.messages.ti") != ""
    (project / "convex_config.py").write_text(CONFIG)
    use = project / "use.py"
    use.write_text(USE)
    editor.changed_on_disk(project / "convex_config.py", use)
    editor.open(use)
    assert await editor.hover(use, "components.likes.messages.tot") == await editor.hover(
        own, "api.messages.tot"
    )
    assert await editor.definition(use, "components.likes.messages.tot") == ""
    assert await editor.references(use, "components.likes.messages.tot") == []
    editor.edit(use, "components.likes.messages.total, least=0", "components.")
    assert await editor.complete(use, "run_query(components.") == ["likes"]
    editor.edit(use, "run_query(components.", "run_query(components.likes.")
    assert await editor.complete(use, "run_query(components.likes.") == ["messages"]
    editor.edit(use, "run_query(components.likes.", "run_query(components.likes.messages.")
    assert await editor.complete(use, "components.likes.messages.") == ["total", "all"]
    editor.edit(own, "api.messages.total, least=0", "api.messages.")
    assert await editor.complete(own, "api.messages.") == ["total", "all"]
    editor.edit(own, '"by_count"', '""')
    assert await editor.complete(own, 'with_index("') == ["by_count", "by_creation_time"]
