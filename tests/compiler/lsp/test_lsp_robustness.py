from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.compiler.lsp.conftest import write_chat
from tests.compiler.lsp.editor import CAPABILITIES, Editor, running_editor

BROKEN_INDEX = ('.with_index("by_channel")', '.with_index("by_chanel")')


def message(content: object) -> bytes:
    body = json.dumps(content).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def garbage() -> Iterator[bytes]:
    """What no server should ever be sent."""
    yield b"hello\r\n\r\n"
    yield b"Content-Length: many\r\n\r\n"
    yield b"Content-Length: 9\r\n\r\n{not json"
    yield b"Content-Length: 3\r\n\r\n\xff\xfe\xfd"
    yield message([1, 2])
    yield message({"id": 1})
    yield message({"jsonrpc": "2.0", "method": "textDocument/unheardOf", "params": {}})
    yield message({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"text": 1}})
    yield message({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": None})
    unknown = {"uri": "file:///nowhere/x.py", "version": 2}
    change = {"textDocument": unknown, "contentChanges": [{"text": "x"}]}
    yield message({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": change})
    close = {"textDocument": unknown}
    yield message({"jsonrpc": "2.0", "method": "textDocument/didClose", "params": close})
    yield message({"jsonrpc": "2.0", "id": 999, "result": {}})
    far = {"textDocument": unknown, "position": {"line": 10**6, "character": 10**6}}
    yield message({"jsonrpc": "2.0", "id": 998, "method": "textDocument/hover", "params": far})


async def test_goes_on_after_garbage(project: Path) -> None:
    messages = project / "messages.py"
    async with running_editor(project.parent) as editor:
        editor.open(messages)
        await editor.rules(messages)
        for content in garbage():
            editor.send_raw(content)
        editor.edit(messages, *BROKEN_INDEX)
        await editor.rules(messages, "unknown-index")
        assert "by_channel" in await editor.hover(messages, 'query("mess')


async def test_positions_beyond_the_text_are_its_end(project: Path) -> None:
    messages = project / "messages.py"
    async with running_editor(project.parent) as editor:
        editor.open(messages)
        for place in (types.Position(10**6, 0), types.Position(0, 10**6), types.Position(13, 999)):
            found = await editor.client.text_document_hover_async(
                types.HoverParams(types.TextDocumentIdentifier(messages.as_uri()), place)
            )
            assert found is None


async def test_two_folders_are_two_projects(tmp_path: Path) -> None:
    one, other = write_chat(tmp_path / "one"), write_chat(tmp_path / "other")
    async with running_editor(one.parent, other.parent) as editor:
        for folder in (one, other):
            editor.open(folder / "messages.py")
        editor.edit(one / "messages.py", *BROKEN_INDEX)
        await editor.rules(one / "messages.py", "unknown-index")
        await editor.rules(other / "messages.py")
        editor.remove_folders(one.parent)
        editor.close(one / "messages.py")
        await editor.rules(one / "messages.py")
        editor.edit(other / "messages.py", *BROKEN_INDEX)
        await editor.rules(other / "messages.py", "unknown-index")


async def test_finds_the_project_of_a_file_below_the_folder(tmp_path: Path) -> None:
    folder = write_chat(tmp_path / "server")
    async with running_editor(tmp_path) as editor:
        editor.open(folder / "messages.py")
        editor.edit(folder / "messages.py", *BROKEN_INDEX)
        await editor.rules(folder / "messages.py", "unknown-index")


async def test_spells_addresses_as_the_editor_does(tmp_path: Path) -> None:
    write_chat(tmp_path / "real")
    os.symlink(tmp_path / "real", tmp_path / "link")
    folder = tmp_path / "link" / "convex"
    async with running_editor(tmp_path / "link") as editor:
        editor.open(folder / "schema.py")
        editor.edit(folder / "schema.py", '"by_authorId_and_channel"', '"by_author_and_channel"')
        await editor.rules(folder / "reports.py", "unknown-index")


async def test_says_nothing_about_files_of_no_project(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    script = tmp_path / "script.py"
    script.write_text("from convex import x\n")
    async with running_editor(tmp_path) as editor:
        editor.open(script)
        assert await editor.hover(script, "from conv") == ""
        assert await editor.complete(script, "from conv") == []
        assert await editor.actions(script, "from conv") == {}
    assert editor.published == {}


async def test_follows_the_settings(project: Path) -> None:
    messages, settings = project / "messages.py", project.parent / "pyproject.toml"
    text = settings.read_text()
    async with running_editor(project.parent) as editor:
        await editor.until(lambda: bool(editor.watched))
        editor.open(messages)
        editor.edit(messages, *BROKEN_INDEX)
        await editor.rules(messages, "unknown-index")
        settings.write_text(f'{text}ignore = ["unknown-index"]\n')
        editor.changed_on_disk(settings)
        await editor.rules(messages)
        settings.write_text(f'{text}ignroe = ["unknown-index"]\n')
        editor.changed_on_disk(settings)
        (found,) = await editor.rules(settings, "settings")
        assert "unknown key `ignroe` in [tool.convexity]; did you mean `ignore`?" in found.message
        settings.write_text(f"{text}select = [")
        editor.changed_on_disk(settings)
        await editor.until(lambda: "not valid TOML" in editor.messages(settings))
        settings.write_text(f'{text}functions = "server"\n')
        os.rename(project, project.parent / "server")
        editor.changed_on_disk(settings)
        moved = project.parent / "server" / "messages.py"
        editor.open(moved)
        editor.edit(moved, *BROKEN_INDEX)
        await editor.rules(moved, "unknown-index")
        await editor.rules(settings)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_speaks_the_encoding_that_the_editor_prefers(project: Path, encoding: str) -> None:
    messages = project / "messages.py"
    general = types.GeneralClientCapabilities(
        position_encodings=[encoding, types.PositionEncodingKind.Utf16]
    )
    capabilities: dict[str, Any] = {**CAPABILITIES, "general": general}
    async with running_editor(project.parent, capabilities=capabilities) as editor:
        assert editor.server.capabilities.position_encoding == encoding
        editor.open(messages)
        editor.edit(messages, *BROKEN_INDEX)
        editor.edit(messages, "return await messages", 'return "é🙂" and await messages')
        (found,) = await editor.rules(messages, "unknown-index")
        lines = editor.texts[messages.as_uri()].split("\n")
        before = lines[found.range.start.line].partition('"by_chanel"')[0]
        units = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
        codec = encoding if encoding == "utf-8" else f"{encoding}-le"
        assert found.range.start.character == len(before.encode(codec)) // units


async def test_serves_an_editor_that_can_do_little(project: Path) -> None:
    messages = project / "messages.py"
    async with running_editor(project.parent, capabilities={}) as editor:
        editor.open(messages)
        editor.edit(messages, "async def tidy", "def tidy")
        await editor.rules(messages, "sync-handler")
        actions = await editor.actions(messages, "def ti")
        assert all(action.edit is not None for action in actions.values())
        assert all(not action.edit.document_changes for action in actions.values() if action.edit)
        await editor.apply(actions["Fix all safe findings of convexity"])
        await editor.rules(messages)
    assert editor.watched == []


async def test_texts_that_cannot_be_encoded(project: Path) -> None:
    messages = project / "messages.py"
    async with running_editor(project.parent) as editor:
        editor.open(messages)
        for text in ("\ud800", "x = '\udfff'\n", "\0", "\ufeff" + messages.read_text()):
            editor.change(messages, text)
        await editor.rules(messages)
        assert editor.logged == []


async def test_ends_when_the_editor_is_gone(project: Path) -> None:
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "convexity_compiler", "lsp", "--stdio", stdin=subprocess.PIPE
    )
    assert server.stdin is not None
    server.stdin.close()
    assert await asyncio.wait_for(server.wait(), 60) == 0


async def test_ends_with_the_codes_of_the_protocol(project: Path) -> None:
    async with running_editor(project.parent) as editor:
        server = editor_process(editor)
    assert server.returncode == 0


def editor_process(editor: Editor) -> asyncio.subprocess.Process:
    server: asyncio.subprocess.Process = vars(editor.client)["_server"]
    return server


@pytest.mark.parametrize("missing", ["pygls", "lsprotocol"])
def test_names_the_extra_that_is_missing(missing: str) -> None:
    script = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from convexity_compiler.cli import main\nmain(['lsp'])"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert run.returncode == 2
    assert run.stdout == ""
    assert run.stderr == (
        f"error: the language server needs the package `{missing}`, which is not installed\n"
        'help: run `pip install "/path/to/convexity[lsp]"`, with the path of a checkout\n'
    )
