"""From a keystroke to its diagnostics, as an editor sees it."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Final

from lsprotocol import types
from pygls.lsp.client import LanguageClient

KEYSTROKES: Final = 21
_WAIT_SECONDS: Final = 60.0


def measure(root: Path, module: Path) -> float:
    """Return the median of the seconds from a change of a module to its diagnostics."""
    return asyncio.run(_measure(root, module.as_uri(), module.read_text(encoding="utf-8")))


async def _measure(root: Path, uri: str, text: str) -> float:
    client = LanguageClient("benchmark", "1")
    shown: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()

    def show(params: types.PublishDiagnosticsParams) -> None:
        shown.put_nowait(params)

    client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(show)
    await client.start_io(sys.executable, "-m", "convexity_compiler", "lsp")
    folder = types.WorkspaceFolder(root.as_uri(), root.name)
    await client.initialize_async(
        types.InitializeParams(types.ClientCapabilities(), workspace_folders=[folder])
    )
    client.initialized(types.InitializedParams())
    item = types.TextDocumentItem(uri, "python", 0, text)
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    await _shown(shown, uri, 0)
    times = []
    for version in range(1, KEYSTROKES + 1):
        start = time.perf_counter()
        client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(version, uri),
                [types.TextDocumentContentChangeWholeDocument(_typed(text, version))],
            )
        )
        await _shown(shown, uri, version)
        times.append(time.perf_counter() - start)
    await client.shutdown_async(None)
    client.exit(None)
    await client.stop()  # type: ignore[no-untyped-call]
    return sorted(times)[KEYSTROKES // 2]


def _typed(text: str, version: int) -> str:
    """The module while the name of an index is being typed into it."""
    name = "by_channelId"
    return text.replace(f'"{name}"', f'"{name[: version % len(name)]}"')


async def _shown(
    shown: asyncio.Queue[types.PublishDiagnosticsParams], uri: str, version: int
) -> None:
    async with asyncio.timeout(_WAIT_SECONDS):
        while True:
            found = await shown.get()
            if found.uri == uri and found.version == version:
                return
