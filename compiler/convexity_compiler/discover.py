"""Find the modules of a project's functions folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleFile:
    """A module of the functions folder."""

    path: str
    """Relative to the functions folder, with slashes: ``messages/access.py``."""
    module: str
    """Wire path: ``messages/access``."""
    file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidModuleName:
    """A Python file that cannot be addressed, because a part of its path is no identifier."""

    path: str
    part: str
    """The offending part, without ``.py``."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFiles:
    """The files of a project, sorted by path."""

    root: Path
    functions_folder: str
    """Relative to ``root``, with slashes."""
    exists: bool
    """Whether the functions folder exists."""
    modules: tuple[ModuleFile, ...]
    invalid_names: tuple[InvalidModuleName, ...]
    package_files: tuple[ModuleFile, ...]
    """``__init__.py`` files; they hold no functions, and are read to say so."""
    reserved: tuple[str, ...]
    """Python files under names that belong to the framework (``_deps``, ``_system``)."""
