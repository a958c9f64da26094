"""Notifications: files and folders that are opened, changed, closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lsprotocol import types
from pygls.capabilities import get_capability

from convexity_compiler.lsp.open_project import Document
from convexity_compiler.lsp.uris import path_of

if TYPE_CHECKING:
    from convexity_compiler.lsp.server import ConvexityServer

_WATCHED: Final = ("**/*.py", "**/*.pyi", "**/pyproject.toml")


def register(server: ConvexityServer) -> None:
    """Make a server follow the editor's files."""
    for method, handler in (
        (types.INITIALIZED, _initialized),
        (types.TEXT_DOCUMENT_DID_OPEN, _opened),
        (types.TEXT_DOCUMENT_DID_CHANGE, _changed),
        (types.TEXT_DOCUMENT_DID_SAVE, _saved),
        (types.TEXT_DOCUMENT_DID_CLOSE, _closed),
        (types.WORKSPACE_DID_CHANGE_WATCHED_FILES, _changed_on_disk),
        (types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, _folders_changed),
    ):
        server.feature(method)(handler)


def _initialized(ls: ConvexityServer, params: types.InitializedParams) -> None:  # noqa: ARG001
    uris = [folder.uri for folder in ls.workspace.folders.values()]
    if not uris and ls.workspace.root_uri:
        uris = [ls.workspace.root_uri]
    ls.request_check(*ls.projects.add_folders(uris))
    if get_capability(
        ls.client_capabilities, "workspace.did_change_watched_files.dynamic_registration", False
    ):
        _watch(ls)


def _watch(ls: ConvexityServer) -> None:
    """Ask to be told of files that change on disk."""
    watchers = [types.FileSystemWatcher(pattern) for pattern in _WATCHED]
    ls.client_register_capability(
        types.RegistrationParams(
            [
                types.Registration(
                    id="files",
                    method=types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
                    register_options=types.DidChangeWatchedFilesRegistrationOptions(watchers),
                )
            ]
        )
    )


def _opened(ls: ConvexityServer, params: types.DidOpenTextDocumentParams) -> None:
    document = params.text_document
    ls.request_check(ls.projects.put(Document(document.uri, document.version, document.text)))


def _changed(ls: ConvexityServer, params: types.DidChangeTextDocumentParams) -> None:
    uri = params.text_document.uri
    document = ls.workspace.get_text_document(uri)
    ls.request_check(ls.projects.put(Document(uri, params.text_document.version, document.source)))


def _saved(ls: ConvexityServer, params: types.DidSaveTextDocumentParams) -> None:
    """Editors that watch no files tell of those that they write."""
    _files_changed(ls, [params.text_document.uri])


def _closed(ls: ConvexityServer, params: types.DidCloseTextDocumentParams) -> None:
    project = ls.projects.remove(params.text_document.uri)
    ls.close_unused()
    ls.request_check(project)


def _changed_on_disk(ls: ConvexityServer, params: types.DidChangeWatchedFilesParams) -> None:
    _files_changed(ls, [change.uri for change in params.changes])


def _files_changed(ls: ConvexityServer, uris: list[str]) -> None:
    paths = [path for uri in uris if (path := path_of(uri))]
    changed = ls.projects.changed_on_disk(paths)
    ls.close_unused()
    ls.request_check(*changed)


def _folders_changed(ls: ConvexityServer, params: types.DidChangeWorkspaceFoldersParams) -> None:
    ls.projects.remove_folders(folder.uri for folder in params.event.removed)
    added = ls.projects.add_folders(folder.uri for folder in params.event.added)
    ls.close_unused()
    ls.request_check(*added)
