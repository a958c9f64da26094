from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from tests.compiler.lsp.editor import Editor

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIX_ALL = "Fix all safe findings of convexity"


async def test_safe_fixes_are_preferred(editor: Editor, project: Path) -> None:
    messages = project / "messages.py"
    editor.open(messages)
    editor.edit(messages, "async def tidy", "def tidy")
    await editor.rules(messages, "sync-handler")
    actions = await editor.actions(messages, "def ti")
    fix = next(action for action in actions.values() if action.is_preferred)
    assert fix.kind == types.CodeActionKind.QuickFix
    assert [entry.code for entry in fix.diagnostics or ()] == ["sync-handler"]
    await editor.apply(fix)
    await editor.rules(messages)
    assert editor.texts[messages.as_uri()] == messages.read_text()


async def test_unsafe_fixes_say_so(editor: Editor, project: Path) -> None:
    messages = project / "messages.py"
    editor.open(messages)
    editor.edit(messages, 'insert("messages"', 'insert("mesages"')
    await editor.rules(messages, "unknown-table-write")
    fix = (await editor.actions(messages, 'insert("mes'))['Use "messages" (unsafe)']
    assert not fix.is_preferred
    await editor.apply(fix)
    await editor.rules(messages)


async def test_a_fix_may_change_several_files(editor: Editor, project: Path) -> None:
    schema, messages = project / "schema.py", project / "messages.py"
    editor.open(schema)
    editor.open(messages)
    editor.edit(schema, '"by_channel"', '"by_topic"')
    editor.edit(messages, '"by_channel"', '"by_topic"')
    await editor.rules(schema, "index-name-missing-fields")
    actions = await editor.actions(schema, '"by_to')
    await editor.apply(actions["Rename it to `by_channel`, here and where it is used (unsafe)"])
    await editor.rules(schema)
    await editor.rules(messages)
    assert '.with_index("by_channel")' in editor.texts[messages.as_uri()]


async def test_fix_all_applies_the_safe_fixes_round_by_round(editor: Editor, project: Path) -> None:
    messages = project / "messages.py"
    editor.open(messages)
    editor.edit(messages, "async def tidy", "def tidy")
    editor.edit(messages, "await ctx.db.insert", "ctx.db.insert")
    editor.edit(messages, 'insert("messages"', 'insert("mesages"')
    actions = await editor.actions(messages, '"""Messages', only=["source.fixAll"])
    assert list(actions) == [FIX_ALL]
    assert actions[FIX_ALL].kind == "source.fixAll.convexity"
    await editor.apply(actions[FIX_ALL])
    await editor.rules(messages, "unknown-table-write")


async def test_silences_a_rule_behind_the_line(editor: Editor, project: Path) -> None:
    messages = project / "messages.py"
    editor.open(messages)
    editor.edit(messages, "async def tidy", "def tidy")
    await editor.rules(messages, "sync-handler")
    actions = await editor.actions(messages, "def ti")
    await editor.apply(actions["Silence sync-handler here"])
    await editor.rules(messages)
    assert (
        "def tidy(ctx: MutationCtx, channel: str) -> None:  # convexity: ignore[sync-handler]\n"
        in editor.texts[messages.as_uri()]
    )


async def test_silences_another_rule_on_the_line(editor: Editor, project: Path) -> None:
    messages = project / "messages.py"
    editor.open(messages)
    comment = "  # noqa: X1  # convexity: ignore[sync-handler] slow"
    editor.edit(messages, "async def tidy(ctx: MutationCtx", "def tidy(ctx: QueryCtx")
    editor.edit(
        messages,
        'channel: str) -> None:\n    """Forget',
        f'channel: str) -> None:{comment}\n    """Forget',
    )
    await editor.rules(messages, "ctx-annotation-mismatch")
    actions = await editor.actions(messages, "def tidy(ctx: Query")
    await editor.apply(actions["Silence ctx-annotation-mismatch here"])
    await editor.rules(messages)
    assert "ignore[sync-handler, ctx-annotation-mismatch] slow\n" in editor.texts[messages.as_uri()]


async def test_silences_a_rule_in_continued_lines(editor: Editor, project: Path) -> None:
    messages = project / "messages.py"
    editor.open(messages)
    editor.edit(
        messages,
        'return await messages.with_index("by_channel")',
        'return await messages \\\n        .with_index("by_chanel") \\\n        ',
    )
    await editor.rules(messages, "unknown-index")
    actions = await editor.actions(messages, '"by_cha|nel"')
    await editor.apply(actions["Silence unknown-index here"])
    await editor.rules(messages)


async def test_a_syntax_error_cannot_be_silenced(editor: Editor, project: Path) -> None:
    messages = project / "messages.py"
    editor.open(messages)
    editor.edit(messages, "print(channel)", "print(channel")
    (found,) = await editor.rules(messages, "syntax-error")
    start = found.range.start
    line = editor.texts[messages.as_uri()].split("\n")[start.line]
    assert await editor.actions(messages, line) == {}


async def test_only_what_is_asked_for(editor: Editor, project: Path) -> None:
    messages = project / "messages.py"
    editor.open(messages)
    editor.edit(messages, "async def tidy", "def tidy")
    await editor.rules(messages, "sync-handler")
    assert await editor.actions(messages, "def ti", only=["refactor"]) == {}
    found = await editor.actions(messages, "def ti", only=["quickfix"])
    assert FIX_ALL not in found
    assert found
