"""Which projects are open, and which of them a file belongs to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from convexity_compiler.config import (
    DEFAULT_FUNCTIONS_FOLDER,
    ConfigError,
    find_root,
    load_config,
)
from convexity_compiler.lsp.open_project import Document, OpenProject
from convexity_compiler.lsp.uris import path_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SETTINGS = "pyproject.toml"


class Place(NamedTuple):
    """A file of a project."""

    project: OpenProject
    path: str
    """Relative to the root, with slashes."""


class Projects:
    """The projects of the workspace folders and of the open files."""

    def __init__(self) -> None:
        self._open: dict[Path, OpenProject] = {}
        self._folders: set[str] = set()
        self._documents: dict[str, Document] = {}
        self._places: dict[str, Place] = {}

    def __iter__(self) -> Iterator[OpenProject]:
        """Iterate over the open projects."""
        return iter(list(self._open.values()))

    def place(self, uri: str) -> Place | None:
        """Return the place of an open file; None for one that belongs to no project."""
        return self._places.get(uri)

    def document(self, uri: str) -> Document | None:
        """Return an open file."""
        return self._documents.get(uri)

    def add_folders(self, uris: Iterable[str]) -> list[OpenProject]:
        """Open the projects of workspace folders."""
        paths = [path for uri in uris if (path := path_of(uri))]
        self._folders.update(paths)
        return [project for path in paths if (project := self._project(path)) is not None]

    def remove_folders(self, uris: Iterable[str]) -> None:
        """Forget workspace folders; ``close_unused`` closes their projects."""
        self._folders.difference_update(path for uri in uris if (path := path_of(uri)))

    def close_unused(self) -> list[OpenProject]:
        """Close and return the projects without an open file or a workspace folder."""
        wanted = {place.project for place in self._places.values()}
        wanted |= {
            project for folder in self._folders if (project := self._project(folder)) is not None
        }
        unused = [project for project in self if project not in wanted]
        for project in unused:
            del self._open[project.root]
        return unused

    def put(self, document: Document) -> OpenProject | None:
        """Take an open file, new or changed; return its project."""
        self._documents[document.uri] = document
        place = self._places.get(document.uri) or self._locate(document.uri)
        if place is None:
            return None
        self._places[document.uri] = place
        place.project.documents[place.path] = document
        return place.project

    def remove(self, uri: str) -> OpenProject | None:
        """Forget a file that was closed; return its project."""
        self._documents.pop(uri, None)
        place = self._places.pop(uri, None)
        if place is None:
            return None
        place.project.documents.pop(place.path, None)
        return place.project

    def changed_on_disk(self, paths: Iterable[str]) -> set[OpenProject]:
        """Return the projects that files belong to which changed, came or went on disk."""
        found = set()
        for path in paths:
            if os.path.basename(path) == _SETTINGS:
                found |= self._settings_changed()
                continue
            for project in self:
                inner = project.relative(path)
                if inner is not None and project.module_of(inner) is not None:
                    found.add(project)
                    break
            else:
                found |= self._folders_of(path)
        return found

    def _settings_changed(self) -> set[OpenProject]:
        """All projects, after each open file and folder has found its own anew."""
        for project in self:
            project.reload()
            project.documents.clear()
        self._places.clear()
        for folder in self._folders:
            self._project(folder)
        for document in list(self._documents.values()):
            self.put(document)
        return set(self)

    def _folders_of(self, path: str) -> set[OpenProject]:
        """The projects of the folders around a path, which may have become projects by it."""
        around = [folder for folder in self._folders if path.startswith(folder)]
        known = set(self)
        return {
            project
            for folder in around
            if (project := self._project(folder)) is not None and project not in known
        }

    def _locate(self, uri: str) -> Place | None:
        path = path_of(uri)
        if path is None:
            return None
        project = self._project(os.path.dirname(path))
        inner = project.relative(path) if project is not None else None
        return None if project is None or inner is None else Place(project, inner)

    def _project(self, folder: str) -> OpenProject | None:
        """The project that a folder lies in, opened when it is not."""
        root = _root(Path(folder))
        if root is None:
            return None
        if root not in self._open:
            self._open[root] = OpenProject(root, _shown(folder, root))
        return self._open[root]


def _root(folder: Path) -> Path | None:
    """The root of the project around a folder, found as ``check`` finds it."""
    try:
        root = find_root(folder)
        functions = load_config(root).functions_path
    except ConfigError:
        return _root_with_faulty_settings(folder)
    except OSError:
        return None
    return root if functions.is_dir() else None


def _root_with_faulty_settings(folder: Path) -> Path | None:
    for root in (folder.resolve(), *folder.resolve().parents):
        settings = root / _SETTINGS
        if settings.is_file():
            text = settings.read_text(encoding="utf-8", errors="replace")
            is_ours = "[tool.convexity" in text or (root / DEFAULT_FUNCTIONS_FOLDER).is_dir()
            return root if is_ours else None
    return None


def _shown(folder: str, root: Path) -> str:
    """The path of the root as the folder's spelling of it has it."""
    for shown in (folder, *map(str, Path(folder).parents)):
        if os.path.exists(shown) and os.path.samefile(shown, root):
            return shown
    return str(root)
