"""What findings depend on beside the modules of a project."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from convexity import version

from convexity_compiler.summary.digests import source_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from convexity_compiler.config import Config
    from convexity_compiler.discover import ProjectFiles


def settings_key(config: Config) -> str:
    """Return a hash of all settings."""
    return _hash([repr(config)])


def files_key(files: ProjectFiles) -> str:
    """Return a hash of the names of all files: any of them may be what an import means."""
    names = [file.path for file in (*files.modules, *files.package_files)]
    invalid = [entry.path for entry in files.invalid_names]
    own = [*names, "", *invalid, "", *files.reserved, str(files.exists)]
    return _hash([*own, "", *files.components])


def check_key(config: Config) -> str:
    """Return a hash of the settings, the checker, this Python and what it can import.

    The checker is told apart by sizes and times of its files, as Python tells apart what it has
    compiled: reading them all would take longer than the check of a small change.
    """
    return _hash(
        [settings_key(config), version.VERSION, sys.version, *_checker(), *_surroundings(config)]
    )


def _checker() -> Iterator[str]:
    # The validators lie beside; to import them takes longer than the rest where nothing changed.
    for package in (Path(__file__).parents[1], Path(version.__file__).parent / "values"):
        yield from folder_stamps(package, ".py")


def folder_stamps(folder: Path, suffix: str) -> Iterator[str]:
    """Yield size and time of the files in and below a folder whose names end in ``suffix``."""
    pending = [str(folder)]
    while pending:
        for entry in sorted(os.scandir(pending.pop()), key=lambda entry: entry.name):
            if entry.name == "__pycache__":
                continue
            if entry.is_dir():
                pending.append(entry.path)
            elif entry.name.endswith(suffix):
                status = entry.stat()
                yield f"{entry.path} {status.st_size} {status.st_mtime_ns}"


def _surroundings(config: Config) -> Iterator[str]:
    """What could be imported: installed packages, and modules beside the functions folder."""
    root = str(config.root)
    for folder in sys.path:
        if os.path.realpath(folder) == root:
            continue  # looked at below, without the folders that every check touches
        try:
            yield f"{folder} {os.stat(folder or '.').st_mtime_ns}"
        except OSError:
            yield folder
    try:
        settings = config.root / "pyproject.toml"
        yield source_digest(settings.read_bytes()) if settings.is_file() else ""
        entries = sorted(os.scandir(config.root), key=lambda entry: entry.name)
    except OSError:
        return
    functions = config.functions.partition("/")[0]
    for entry in entries:
        if entry.name != functions and entry.name.removesuffix(".py").isidentifier():
            changed = entry.stat().st_mtime_ns if entry.is_dir() else ""
            yield f"{entry.name} {changed}"


def _hash(parts: Iterable[str]) -> str:
    return source_digest("\0".join(parts).encode("utf-8", "surrogateescape"))
