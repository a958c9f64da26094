"""A project with the files that are open in the editor."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from convexity_compiler.config import ConfigError, load_config
from convexity_compiler.diagnostics.sources import Sources
from convexity_compiler.lsp.facts import Facts
from convexity_compiler.lsp.positions import PlacedText
from convexity_compiler.session import CheckSession

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pygls.workspace import PositionCodec

    from convexity_compiler.config import Config
    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.project import LinkedProject


@dataclass(frozen=True, slots=True)
class Document:
    """A file as the editor has it."""

    uri: str
    version: int
    text: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found, with what it looked at."""

    findings: tuple[Diagnostic, ...]
    project: LinkedProject | None
    """None when the settings cannot be used."""
    config_error: str
    """Why the settings cannot be used; empty when they can."""
    documents: Mapping[str, Document]
    """The open files by path relative to the root, as they were checked."""
    seconds: float


class OpenProject:
    """One project; ``check`` and all that follows it run in one thread, the rest in another."""

    def __init__(self, root: Path, shown_root: str) -> None:
        """Take the root, and the path by which the editor knows it (it may lead over links)."""
        self.root = root
        self.shown_root = shown_root
        self.documents: dict[str, Document] = {}
        """The open files by path relative to the root, with slashes."""
        self._facts = {"": Facts()}
        """By folder of a component that has an open file; the application's without one."""
        self.checked: Checked | None = None
        self._session: CheckSession | None = None
        self._config: Config | None = None
        self._sources = Sources(root)

    def reload(self) -> None:
        """Read the settings again at the next check."""
        self._session = None

    @property
    def config(self) -> Config | None:
        """The settings that were last in force; None before the first check."""
        return self._config

    def relative(self, path: str) -> str | None:
        """Return a path of the file system relative to the root, with slashes."""
        for root in (self.shown_root, str(self.root)):
            found = os.path.relpath(path, root) if _same_drive(path, root) else ".."
            if not found.startswith(".."):
                return found.replace(os.sep, "/")
        return None

    def absolute(self, path: str) -> str:
        """Return the path by which the editor knows a file of the project."""
        return os.path.join(self.shown_root, *path.split("/"))

    def module_of(self, path: str) -> str | None:
        """Return the wire path of the module at a path relative to the root."""
        if self._config is None or not path.endswith(".py"):
            return None
        folder = f"{self._component_of(path) or self._config.functions}/"
        return path[len(folder) : -len(".py")] if path.startswith(folder) else None

    def facts_of(self, path: str) -> Facts:
        """What is known of the application, or of the component, that has a file."""
        return self._facts.get(self._component_of(path), self._facts[""])

    def _component_of(self, path: str) -> str:
        """The folder of the component that has a file; empty for the application."""
        folders = [folder for folder in self._facts if folder and path.startswith(f"{folder}/")]
        return max(folders, key=len, default="")

    def placed(
        self, path: str, codec: PositionCodec, documents: Mapping[str, Document]
    ) -> PlacedText:
        """Return the text of a file: as it is open, as it was checked, or as it is on disk."""
        document = documents.get(path)
        if document is not None:
            return PlacedText(document.text, codec)
        project = self.facts_of(path).latest
        module = project.modules.get(self.module_of(path) or "") if project is not None else None
        if module is not None:
            return PlacedText(module.text, codec)
        return PlacedText(self._sources.text(path), codec)

    def check(self, documents: Mapping[str, Document]) -> Checked:
        """Check the project with its open files."""
        start = time.perf_counter()
        self._sources = Sources(self.root)
        try:
            findings, project = self._check(documents)
            error = ""
        except ConfigError as problem:
            findings, project, error = (), None, str(problem)
            self._session = None
        seconds = time.perf_counter() - start
        self.checked = Checked(findings, project, error, documents, seconds)
        return self.checked

    def findings_with(
        self, documents: Mapping[str, Document], path: str, text: str
    ) -> tuple[Diagnostic, ...]:
        """Return what would be found if one file had another text."""
        if self._session is None:
            return ()
        return self._session.check(_overlays(documents) | {path: text}).findings

    def _check(
        self, documents: Mapping[str, Document]
    ) -> tuple[tuple[Diagnostic, ...], LinkedProject]:
        session = self._session
        if session is None:
            self._config = load_config(self.root)
            session = self._session = CheckSession(self.root, self._config)
        result = session.check(_overlays(documents))
        self._learn(result.project, documents)
        return result.findings, result.project

    def _learn(self, project: LinkedProject, documents: Mapping[str, Document]) -> None:
        self._facts[""].learn(project)
        components = {
            component.config.functions: component
            for component in project.components.local(project)
            if any(path.startswith(f"{component.config.functions}/") for path in documents)
        }
        facts = {folder: self._facts.get(folder, Facts()) for folder in ("", *components)}
        for folder, component in components.items():
            facts[folder].learn(component)
        self._facts = facts


def _overlays(documents: Mapping[str, Document]) -> dict[str, str]:
    """The texts to check; a byte order mark, which few editors send, is no part of the source."""
    return {path: document.text.removeprefix("\ufeff") for path, document in documents.items()}


def _same_drive(path: str, other: str) -> bool:
    return os.path.splitdrive(path)[0].lower() == os.path.splitdrive(other)[0].lower()
