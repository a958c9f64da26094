from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from tests.compiler.lsp.editor import Editor, read

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_shows_the_findings_of_an_unsaved_text_and_takes_them_back(
    editor: Editor, project: Path
) -> None:
    messages = project / "messages.py"
    editor.open(messages)
    await editor.rules(messages)
    editor.edit(messages, '.with_index("by_channel")', '.with_index("by_chanel")')
    (found,) = await editor.rules(messages, "unknown-index")
    assert found.message == (
        "table `messages` has no index `by_chanel`: did you mean `by_channel`?\n"
        'help: replace it with "by_channel"'
    )
    assert found.severity is types.DiagnosticSeverity.Error
    assert found.source == "convexity"
    assert editor.text_at(messages.as_uri(), found.range) == '"by_chanel"'
    (related,) = found.related_information or ()
    assert related.message == "this index"
    assert related.location.uri == (project / "schema.py").as_uri()
    assert editor.text_at(related.location.uri, related.location.range) == (
        'index("by_channel", ["channel"])'
    )
    editor.edit(messages, "by_chanel", "by_channel")
    await editor.rules(messages)


async def test_links_the_page_of_the_rule(editor: Editor, project: Path) -> None:
    messages = project / "messages.py"
    editor.open(messages)
    editor.edit(messages, '.with_index("by_channel")', '.with_index("by_chanel")')
    (found,) = await editor.rules(messages, "unknown-index")
    assert found.code_description is not None
    assert read(found.code_description.href).startswith("# unknown-index (QRY004)")


async def test_a_change_of_the_schema_lights_up_files_that_are_not_open(
    editor: Editor, project: Path
) -> None:
    schema, reports = project / "schema.py", project / "reports.py"
    editor.open(schema)
    await editor.rules(schema)
    editor.edit(schema, '"by_authorId_and_channel"', '"by_author_and_channel"')
    await editor.rules(reports, "unknown-index")
    editor.edit(schema, '"by_author_and_channel"', '"by_authorId_and_channel"')
    await editor.rules(reports)


async def test_a_file_that_does_not_parse_leaves_the_others_checked(
    editor: Editor, project: Path
) -> None:
    messages, reports = project / "messages.py", project / "reports.py"
    editor.open(messages)
    editor.open(reports)
    editor.edit(messages, "print(channel)", "print(channel")
    await editor.rules(messages, "syntax-error")
    editor.edit(reports, 'eq("authorId", authorId)', 'eq("author", authorId)')
    await editor.rules(reports, "field-not-in-index")
    editor.edit(messages, "print(channel", "print(channel)")
    await editor.rules(messages)


async def test_never_shows_the_findings_of_an_older_text(editor: Editor, project: Path) -> None:
    messages = project / "messages.py"
    editor.open(messages)
    text = messages.read_text()
    for number in range(20):
        editor.change(messages, f"{'#' * number}\n{text}".replace('"by_channel"', '"by_chanel"'))
    editor.change(messages, text)
    await editor.rules(messages)
    versions = [entry.version for entry in editor.history if entry.uri == messages.as_uri()]
    assert versions == sorted(versions, key=lambda version: version or 0)


async def test_counts_columns_in_utf16(editor: Editor, project: Path) -> None:
    messages = project / "messages.py"
    editor.open(messages)
    editor.edit(messages, '.with_index("by_channel")', '.with_index("🙂" and "by_chanel")')
    editor.edit(messages, 'query("messages")', 'query("🙂é🙃messages")')
    (found,) = await editor.rules(messages, "unknown-table")
    assert editor.text_at(messages.as_uri(), found.range) == '"🙂é🙃messages"'


async def test_lines_end_where_the_editor_ends_them(editor: Editor, project: Path) -> None:
    messages = project / "messages.py"
    text = messages.read_text().replace('"""The latest ten."""', '"""\f\u2028\x85\x1c"""')
    editor.open(messages, text.replace("\n", "\r\n"))
    editor.edit(messages, '.with_index("by_channel")', '.with_index("by_chanel")')
    (found,) = await editor.rules(messages, "unknown-index")
    assert editor.text_at(messages.as_uri(), found.range) == '"by_chanel"'


async def test_closing_a_file_goes_back_to_what_is_on_disk(editor: Editor, project: Path) -> None:
    messages = project / "messages.py"
    editor.open(messages)
    editor.edit(messages, '.with_index("by_channel")', '.with_index("by_chanel")')
    await editor.rules(messages, "unknown-index")
    editor.close(messages)
    await editor.rules(messages)


async def test_a_file_that_is_not_saved_yet_is_a_module(editor: Editor, project: Path) -> None:
    archive, reports = project / "archive.py", project / "reports.py"
    editor.open(reports)
    editor.edit(reports, "api.messages.recent", "api.archive.recent")
    await editor.rules(reports, "unknown-reference")
    editor.open(archive, (project / "messages.py").read_text())
    await editor.rules(reports)


async def test_follows_files_that_are_renamed_and_deleted(editor: Editor, project: Path) -> None:
    messages, reports, posts = (project / f"{name}.py" for name in ("messages", "reports", "posts"))
    editor.open(reports)
    await editor.rules(reports)
    messages.rename(posts)
    editor.changed_on_disk(messages, posts)
    await editor.rules(reports, "unknown-reference")
    await editor.rules(posts, "unknown-reference")
    posts.rename(messages)
    editor.changed_on_disk(messages, posts)
    await editor.rules(reports)
    await editor.rules(posts)
    messages.unlink()
    editor.changed_on_disk(messages)
    await editor.rules(reports, "unknown-reference")
