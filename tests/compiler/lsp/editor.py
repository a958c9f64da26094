"""An editor for tests: a client of the protocol that runs the real ``convexity lsp``."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.client import LanguageClient

TIMEOUT = 60.0
"""Seconds until a test that waits in vain fails."""


class Editor:
    """Files that are open in an editor, and what the server says about them."""

    def __init__(self, client: LanguageClient) -> None:
        self.client = client
        self.published: dict[str, types.PublishDiagnosticsParams] = {}
        """The last diagnostics by address."""
        self.history: list[types.PublishDiagnosticsParams] = []
        self.logged: list[str] = []
        self.watched: list[types.Registration] = []
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.server: types.InitializeResult
        self._news = asyncio.Condition()

    async def publish(self, params: types.PublishDiagnosticsParams) -> None:
        async with self._news:
            self.published[params.uri] = params
            self.history.append(params)
            self._news.notify_all()

    async def log(self, params: types.LogMessageParams) -> None:
        async with self._news:
            self.logged.append(params.message)
            self._news.notify_all()

    async def register(self, params: types.RegistrationParams) -> None:
        async with self._news:
            self.watched += params.registrations
            self._news.notify_all()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for the news that make a condition true."""

        async def wait() -> None:
            async with self._news:
                await self._news.wait_for(condition)

        await asyncio.wait_for(wait(), TIMEOUT)

    async def rules(self, path: Path, *expected: str) -> list[types.Diagnostic]:
        """Wait until exactly these rules are shown in a file, in this order."""
        uri = path.as_uri()

        def shown() -> bool:
            found = self.published.get(uri)
            version = self.versions.get(uri)
            codes = [entry.code for entry in found.diagnostics] if found else []
            return codes == list(expected) and (
                version is None or (found is not None and found.version == version)
            )

        try:
            await self.until(shown)
        except TimeoutError:
            raise AssertionError(f"{self.published.get(uri)}\n{self.logged}") from None
        found = self.published.get(uri)
        return [*found.diagnostics] if found else []

    def messages(self, path: Path) -> str:
        """Return the texts of what is shown in a file."""
        found = self.published.get(path.as_uri())
        return "\n".join(entry.message for entry in found.diagnostics) if found else ""

    def open(self, path: Path, text: str | None = None) -> None:
        uri = path.as_uri()
        self.texts[uri] = path.read_text(encoding="utf-8") if text is None else text
        self.versions[uri] = 1
        item = types.TextDocumentItem(uri, "python", 1, self.texts[uri])
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, path: Path, text: str) -> None:
        uri = path.as_uri()
        self.texts[uri] = text
        self.versions[uri] += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self.versions[uri], uri),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    def edit(self, path: Path, before: str, after: str) -> None:
        """Replace the only occurrence of some text in an open file."""
        text = self.texts[path.as_uri()]
        assert text.count(before) == 1, before
        self.change(path, text.replace(before, after))

    def close(self, path: Path) -> None:
        uri = path.as_uri()
        del self.texts[uri], self.versions[uri]
        self.client.text_document_did_close(
            types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri))
        )

    def send_raw(self, content: bytes) -> None:
        """Write bytes where the server expects messages."""
        writer: Any = self.client.protocol.writer
        writer.write(content)

    def close_all(self) -> None:
        for uri in list(self.texts):
            self.close(Path(uri.removeprefix("file://")))

    def add_folders(self, *folders: Path) -> None:
        self._change_folders(added=folders)

    def remove_folders(self, *folders: Path) -> None:
        self._change_folders(removed=folders)

    def _change_folders(
        self, *, added: tuple[Path, ...] = (), removed: tuple[Path, ...] = ()
    ) -> None:
        event = types.WorkspaceFoldersChangeEvent(
            [workspace_folder(folder) for folder in added],
            [workspace_folder(folder) for folder in removed],
        )
        self.client.workspace_did_change_workspace_folders(
            types.DidChangeWorkspaceFoldersParams(event)
        )

    def changed_on_disk(self, *paths: Path) -> None:
        self.client.workspace_did_change_watched_files(
            types.DidChangeWatchedFilesParams(
                [types.FileEvent(path.as_uri(), types.FileChangeType.Changed) for path in paths]
            )
        )

    async def hover(self, path: Path, mark: str) -> str:
        """Return what is shown over the place that ``mark`` ends with, "" for nothing."""
        found = await self.client.text_document_hover_async(
            types.HoverParams(types.TextDocumentIdentifier(path.as_uri()), self.at(path, mark))
        )
        if found is None:
            return ""
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value

    async def definition(self, path: Path, mark: str) -> str:
        """Return where a place leads: file, line and the text there."""
        found = await self.client.text_document_definition_async(
            types.DefinitionParams(types.TextDocumentIdentifier(path.as_uri()), self.at(path, mark))
        )
        if found is None:
            return ""
        assert isinstance(found, types.Location)
        file = Path(found.uri.removeprefix("file://"))
        return f"{file.name}:{found.range.start.line + 1} {self.text_at(found.uri, found.range)}"

    async def references(self, path: Path, mark: str) -> list[str]:
        """Return the places that use what stands at a place: file and line."""
        found = await self.client.text_document_references_async(
            types.ReferenceParams(
                types.ReferenceContext(include_declaration=True),
                types.TextDocumentIdentifier(path.as_uri()),
                self.at(path, mark),
            )
        )
        return [
            f"{Path(entry.uri.removeprefix('file://')).name}:{entry.range.start.line + 1}"
            f" {self.text_at(entry.uri, entry.range)}"
            for entry in found or ()
        ]

    async def complete(self, path: Path, mark: str) -> list[str]:
        """Return what may be written behind the place that ``mark`` ends with."""
        found = await self.completions(path, mark)
        return [entry.label for entry in found]

    async def completions(self, path: Path, mark: str) -> list[types.CompletionItem]:
        found = await self.client.text_document_completion_async(
            types.CompletionParams(types.TextDocumentIdentifier(path.as_uri()), self.at(path, mark))
        )
        if found is None:
            return []
        assert isinstance(found, types.CompletionList)
        return [*found.items]

    async def actions(
        self, path: Path, mark: str, *, only: Iterable[str] | None = None
    ) -> dict[str, types.CodeAction]:
        """Return the actions at a place by title."""
        place = self.at(path, mark)
        found = await self.client.text_document_code_action_async(
            types.CodeActionParams(
                types.TextDocumentIdentifier(path.as_uri()),
                types.Range(place, place),
                types.CodeActionContext([], only=None if only is None else [*only]),
            )
        )
        actions = [entry for entry in found or () if isinstance(entry, types.CodeAction)]
        return {action.title: action for action in actions}

    async def apply(self, action: types.CodeAction) -> None:
        """Carry out an action in the open files."""
        if action.edit is None:
            action = await self.client.code_action_resolve_async(action)
        assert action.edit is not None
        for change in action.edit.document_changes or ():
            assert isinstance(change, types.TextDocumentEdit)
            uri = change.text_document.uri
            assert change.text_document.version == self.versions.get(uri)
            self._replace(uri, [entry for entry in change.edits if type(entry) is types.TextEdit])
        for uri, edits in (action.edit.changes or {}).items():
            self._replace(uri, edits)

    def at(self, path: Path, mark: str) -> types.Position:
        """Return the end of the only place where ``mark`` stands; ``|`` in it is the place."""
        text = self.texts[path.as_uri()]
        sought = mark.replace("|", "")
        assert text.count(sought) == 1, f"{sought!r} in {text}"
        offset = text.index(sought) + (mark.index("|") if "|" in mark else len(mark))
        line_start = text.rfind("\n", 0, offset) + 1
        column = len(text[line_start:offset].encode("utf-16-le")) // 2
        return types.Position(text.count("\n", 0, offset), column)

    def text_at(self, uri: str, place: types.Range) -> str:
        """Return the text at a range in UTF-16."""
        text = self.texts.get(uri)
        if text is None:
            text = read(uri)
        lines = text.split("\n")
        start = _character(lines, place.start)
        end = _character(lines, place.end)
        return text[start:end]

    def _replace(self, uri: str, edits: Iterable[types.TextEdit]) -> None:
        text = self.texts[uri]
        lines = text.split("\n")
        for edit in sorted(edits, key=lambda entry: _key(entry.range.start), reverse=True):
            start = _character(lines, edit.range.start)
            end = _character(lines, edit.range.end)
            text = text[:start] + edit.new_text + text[end:]
        self.change(Path(uri.removeprefix("file://")), text)


def workspace_folder(folder: Path) -> types.WorkspaceFolder:
    return types.WorkspaceFolder(folder.as_uri(), folder.name)


def read(uri: str) -> str:
    """Return the text of a file by its address."""
    return Path(uri.removeprefix("file://")).read_text(encoding="utf-8")


def _plain(method: Callable[[Any], Awaitable[None]]) -> Callable[[Any], Awaitable[None]]:
    """A function around a method, since pygls marks its handlers."""

    async def handler(params: Any) -> None:
        await method(params)

    return handler


def _key(position: types.Position) -> tuple[int, int]:
    return position.line, position.character


def _character(lines: list[str], position: types.Position) -> int:
    encoded = lines[position.line].encode("utf-16-le")[: position.character * 2]
    before = sum(len(line) + 1 for line in lines[: position.line])
    return before + len(encoded.decode("utf-16-le"))


CAPABILITIES: Mapping[str, Any] = {
    "text_document": types.TextDocumentClientCapabilities(
        code_action=types.CodeActionClientCapabilities(
            resolve_support=types.ClientCodeActionResolveOptions(["edit"])
        )
    ),
    "workspace": types.WorkspaceClientCapabilities(
        workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True),
        did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(
            dynamic_registration=True
        ),
    ),
}
"""What most editors can do."""


@asynccontextmanager
async def running_editor(
    *folders: Path, capabilities: Mapping[str, Any] = CAPABILITIES
) -> AsyncIterator[Editor]:
    """Start an editor with workspace folders, and stop its server in the end."""
    client = LanguageClient("test-editor", "1")
    editor = Editor(client)
    client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(_plain(editor.publish))
    client.feature(types.WINDOW_LOG_MESSAGE)(_plain(editor.log))
    client.feature(types.CLIENT_REGISTER_CAPABILITY)(_plain(editor.register))
    await client.start_io(sys.executable, "-m", "convexity_compiler", "lsp")
    editor.server = await client.initialize_async(
        types.InitializeParams(
            capabilities=types.ClientCapabilities(**capabilities),
            workspace_folders=[workspace_folder(folder) for folder in folders],
        )
    )
    client.initialized(types.InitializedParams())
    yield editor
    await client.shutdown_async(None)
    client.exit(None)
    await asyncio.wait_for(client.stop(), TIMEOUT)
