"""Find the modules of a project's functions folder."""

from __future__ import annotations

import keyword
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from convexity_compiler.records import record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from convexity_compiler.config import Config

GENERATED_FOLDER: Final = "_generated"
CONFIG_MODULE: Final = "convex_config"
COMPONENT_FILE: Final = f"{CONFIG_MODULE}.py"
"""A folder below the functions folder that has this file is a component of its own."""
SKIPPED_FOLDERS: Final = frozenset({GENERATED_FOLDER, "__pycache__"})
RESERVED_NAMES: Final = frozenset({"_deps", "_system"})
"""Names below the functions folder that belong to the framework (rule reserved-module-path)."""


@record
class ModuleFile:
    """A module of the functions folder."""

    path: str
    """Relative to the functions folder, with slashes: ``messages/access.py``."""
    module: str
    """Wire path: ``messages/access``."""
    file: Path


@record
class InvalidModuleName:
    """A Python file that cannot be addressed, because of a part of its path."""

    path: str
    part: str
    """The offending part, without ``.py``."""
    reason: str


@record
class ProjectFiles:
    """The files of a project, sorted by path."""

    root: Path
    functions_folder: str
    """Relative to ``root``, with slashes."""
    exists: bool
    """Whether the functions folder exists."""
    modules: tuple[ModuleFile, ...]
    invalid_names: tuple[InvalidModuleName, ...]
    """Files that are no modules of the project; they are not read."""
    package_files: tuple[ModuleFile, ...]
    """``__init__.py`` files: they hold no functions, and are read for the names they re-export."""
    reserved: tuple[str, ...]
    """Python files under names that belong to the framework; they are not read."""
    components: tuple[str, ...] = ()
    """Folders of components, relative to the functions folder; what they hold is not listed."""


def discover(root: Path, config: Config, unsaved: Collection[str] = ()) -> ProjectFiles:
    """List the Python files of the functions folder of the project at ``root``.

    ``_generated``, ``__pycache__`` and hidden folders are skipped. A folder that cannot be read
    counts as empty. ``unsaved`` names files, relative to ``root``, that count though they may not
    be on disk yet.
    """
    folder = root / config.functions
    listed = {*_python_files(folder, "", set()), *_unsaved_files(config.functions, unsaved)}
    components = _component_folders(listed)
    found = {path for path in listed if not path.startswith(components)}
    modules: list[ModuleFile] = []
    packages: list[ModuleFile] = []
    invalid: list[InvalidModuleName] = []
    reserved: list[str] = []
    for path in sorted(found):
        parts = path.removesuffix(".py").split("/")
        problem = _name_problem(parts)
        if parts[0] in RESERVED_NAMES:
            reserved.append(path)
        elif problem is not None:
            part, reason = problem
            invalid.append(InvalidModuleName(path=path, part=part, reason=reason))
        else:
            kind = packages if parts[-1] == "__init__" else modules
            file = ModuleFile(path=path, module="/".join(parts), file=Path(f"{folder}/{path}"))
            kind.append(file)
    return ProjectFiles(
        root=root,
        functions_folder=config.functions,
        exists=folder.is_dir(),
        modules=tuple(modules),
        invalid_names=tuple(invalid),
        package_files=tuple(packages),
        reserved=tuple(reserved),
        components=tuple(folder.removesuffix("/") for folder in components),
    )


def _component_folders(paths: Collection[str]) -> tuple[str, ...]:
    """The outermost folders of components, each with a slash at its end, sorted."""
    found: list[str] = []
    for path in sorted(paths):
        folder = path.removesuffix(COMPONENT_FILE)
        if folder != path and folder.endswith("/") and not folder.startswith(tuple(found)):
            found.append(folder)
    return tuple(found)


def _python_files(folder: Path | str, prefix: str, visited: set[tuple[int, int]]) -> list[str]:
    """Paths relative to the functions folder; a folder reached twice by links is read once."""
    found: list[str] = []
    try:
        status = os.stat(folder)
        entries = list(os.scandir(folder))
    except OSError:
        return found
    if (status.st_dev, status.st_ino) in visited:
        return found
    visited.add((status.st_dev, status.st_ino))
    for entry in sorted(entries, key=lambda entry: entry.name):
        if entry.is_dir():
            if entry.name not in SKIPPED_FOLDERS and not entry.name.startswith("."):
                found += _python_files(entry.path, f"{prefix}{entry.name}/", visited)
        elif entry.name.endswith(".py") and entry.is_file():
            found.append(prefix + entry.name)
    return found


def _unsaved_files(functions: str, unsaved: Collection[str]) -> Iterator[str]:
    """Paths relative to the functions folder of the unsaved files that discovery would list."""
    for path in unsaved:
        inner = path.removeprefix(f"{functions}/")
        folders = inner.split("/")[:-1]
        if (
            inner != path
            and inner.endswith(".py")
            and not any(name in SKIPPED_FOLDERS or name.startswith(".") for name in folders)
        ):
            yield inner


def _name_problem(parts: list[str]) -> tuple[str, str] | None:
    for part in parts:
        if not part.isascii():
            return part, "has characters outside ASCII"
        if not part.isidentifier():
            return part, "is not a Python identifier"
        if keyword.iskeyword(part):
            return part, "is a Python keyword"
    return None
