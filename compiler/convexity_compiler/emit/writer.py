"""Writing generated files: only those that changed, each at once, and never over other work."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Literal, TypeAlias, TypeGuard

from convexity_compiler.emit.header import is_generated, is_hand_edited
from convexity_compiler.files import replace_file

State: TypeAlias = Literal["unchanged", "missing", "stale", "hand-edited", "orphan"]
"""How a file on disk compares: ``hand-edited`` is stale because someone changed what was generated,
``orphan`` is a generated file that no longer belongs to the project."""

_SKIPPED_FOLDERS: Final = frozenset({"__pycache__", "node_modules"})


class WriteError(Exception):
    """A file could not be read, written or removed; the text names it and the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One file of a plan."""

    path: str
    """Relative to the root, with slashes."""
    state: State
    before: str | None
    """Text on disk; None when there is no file."""
    after: str | None
    """Text to write; None for an orphan."""
    is_seed: bool = False
    """Whether any content will do once there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What writing would do; making it changes nothing."""

    root: Path
    files: tuple[Change, ...]
    """Every file, in the order in which they are written; orphans come last."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """Files that differ from what is on disk."""
        return tuple(change for change in self.files if change.state != "unchanged")

    def record(self) -> dict[str, str]:
        """Return what ``holds`` asks for: the files of a plan that has been carried out."""
        return {
            change.path: "" if change.is_seed else _digest(change.after)
            for change in self.files
            if change.after is not None
        }

    @property
    def is_current(self) -> bool:
        """Whether there is nothing to do."""
        return not self.changes


def plan(root: Path, files: Mapping[str, str], *, seeds: Mapping[str, str] | None = None) -> Plan:
    """Compare generated files with those on disk.

    Generated files that are not among ``files`` are looked for in the folders that hold them and
    below, so what shares a folder must be planned together.

    Args:
        root: Folder that the paths are relative to.
        files: Text by path, each file after those that it refers to.
        seeds: Text of files that are written only where there is none yet, and then left alone.

    Raises:
        WriteError: a file cannot be read.

    """
    changes = [_seed(root, path, text) for path, text in (seeds or {}).items()]
    changes += [_file(root, path, text) for path, text in files.items()]
    changes += [
        Change(path=path, state="orphan", before=text, after=None)
        for folder in _topmost_folders(files)
        for path, text in _generated_files(root, folder)
        if path not in files
    ]
    return Plan(root=root, files=tuple(changes))


def holds(root: Path, record: Mapping[str, str]) -> bool:
    """Whether the files of a plan are as it left them, and no others have come.

    Raises:
        WriteError: a file cannot be read.

    """
    for path, digest in record.items():
        text = _read(root / path)
        if text is None or (digest and _digest(text) != digest):
            return False
    planned = [path for path, digest in record.items() if digest]
    return all(
        path in record
        for folder in _topmost_folders(planned)
        for path, _ in _generated_files(root, folder)
    )


def is_valid_record(record: object) -> TypeGuard[dict[str, str]]:
    """Whether something read from disk has the form of ``Plan.record``."""
    return isinstance(record, dict) and all(
        isinstance(path, str) and isinstance(digest, str) for path, digest in record.items()
    )


def apply(planned: Plan) -> None:
    """Write and remove what ``planned`` says; files that did not change keep their times.

    Raises:
        WriteError: a file cannot be written or removed; those before it have been.

    """
    for change in planned.changes:
        path = planned.root / change.path
        try:
            if change.after is None:
                path.unlink(missing_ok=True)
                _remove_empty_folders(path.parent, planned.root)
            else:
                replace_file(path, change.after)
        except OSError as error:
            verb = "remove" if change.after is None else "write"
            raise WriteError(f"cannot {verb} {path}: {error.strerror or error}") from error


def _seed(root: Path, path: str, text: str) -> Change:
    before = _read(root / path)
    state: State = "missing" if before is None else "unchanged"
    return Change(path=path, state=state, before=before, after=text, is_seed=True)


def _file(root: Path, path: str, text: str) -> Change:
    before = _read(root / path)
    state: State
    if before is None:
        state = "missing"
    elif before == text:
        state = "unchanged"
    else:
        state = "hand-edited" if is_hand_edited(before) else "stale"
    return Change(path=path, state=state, before=before, after=text)


def _read(path: Path) -> str | None:
    """Text of a file; line ends do not count, as version control may have changed them."""
    try:
        return path.read_bytes().decode(errors="replace").replace("\r\n", "\n")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WriteError(f"cannot read {path}: {error.strerror or error}") from error


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def _topmost_folders(paths: Iterable[str]) -> list[str]:
    """Folders of ``paths``, without those that lie in another of them."""
    parents = {PurePosixPath(path).parent for path in paths}
    return sorted(str(folder) for folder in parents if not parents.intersection(folder.parents))


def _generated_files(root: Path, folder: str) -> Iterator[tuple[str, str]]:
    """Files below a folder that carry the header, sorted."""
    found = []
    for parent, folders, names in os.walk(root / folder):
        folders[:] = [
            name for name in folders if name not in _SKIPPED_FOLDERS and not name.startswith(".")
        ]
        found += [Path(parent, name) for name in names]
    for path in sorted(found):
        text = _read(path)
        if text is not None and is_generated(text):
            yield path.relative_to(root).as_posix(), text


def _remove_empty_folders(folder: Path, root: Path) -> None:
    """Remove a folder that an orphan left empty, and its parents likewise."""
    while folder != root and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
