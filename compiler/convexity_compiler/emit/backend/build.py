"""Puts a backend together: generated files, the user's modules, the runtime.

The new folder is written beside the old one and takes its place by renaming, so that nobody ever
sees half a backend. What a build did not write moves along: ``data/``, where the database is by
default, and whatever else stands beside the code, such as ``.env`` or a database of another name.
"""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from convexity_compiler.emit.backend.errors import BuildError
from convexity_compiler.emit.backend.project import emit_backend, package_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convexity_compiler.ir import ProjectIR

DATA_FOLDER = "data"
_RUNTIME = "convexity"
_MARKS = ("main.py", "functions.py", f"{_RUNTIME}/backend.py")
"""What every backend has."""
_OF_SOME_BUILDS = frozenset({"models.py", "__pycache__"})
_IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc", "*.pyi", ".*")
_FOR_TESTS = ("testing", "pytest_plugin.py", "project_folder.py")
"""Of the runtime: what no backend needs."""


def build_dist(
    project_root: Path,
    project: ProjectIR,
    out_dir: Path,
    packages: Mapping[str, Path] = MappingProxyType({}),
) -> None:
    """Write the backend of ``project`` into ``out_dir``, in place of an older one.

    Args:
        project_root: Folder that holds the functions folder.
        project: The compiled project.
        out_dir: Folder to write; its parent is made when missing.
        packages: Folders of the packages that components come from, by name.

    Raises:
        BuildError: ``out_dir`` holds something else, cannot be written, or has data that an
            interrupted build left in two places.

    """
    out_dir = out_dir.resolve()
    if not out_dir.name:
        raise BuildError(f"{out_dir} cannot be the output folder; choose a folder in it")
    files = emit_backend(project)
    generated = {path.partition("/")[0] for path in files}
    own = {*generated, package_name(project), _RUNTIME, *packages, *_OF_SOME_BUILDS}
    previous = out_dir.with_name(f".{out_dir.name}.previous")
    try:
        out_dir.parent.mkdir(parents=True, exist_ok=True)
        _finish_interrupted(out_dir, previous, own)
        _refuse_foreign(out_dir)
        staging = Path(tempfile.mkdtemp(prefix=f".{out_dir.name}.", dir=out_dir.parent))
        try:
            _fill(staging, files, project_root / project.functions_folder, project, packages)
            _replace(staging, out_dir, previous, own)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        raise BuildError(f"cannot write {out_dir}: {error.strerror or error}") from error


def _fill(
    staging: Path,
    files: Mapping[str, str],
    functions: Path,
    project: ProjectIR,
    packages: Mapping[str, Path],
) -> None:
    for path, text in files.items():
        (staging / path).parent.mkdir(parents=True, exist_ok=True)
        (staging / path).write_text(text, encoding="utf-8", newline="\n")
    shutil.copytree(functions, staging / package_name(project), ignore=_IGNORED)
    for name, folder in packages.items():
        if name in {entry.name for entry in staging.iterdir()}:
            raise BuildError(
                f"the package {name!r}, which a component comes from, has the name of something "
                "else in the backend; rename the functions folder"
            )
        shutil.copytree(folder, staging / name, ignore=_IGNORED)
    shutil.copytree(_runtime_folder(), staging / _RUNTIME, ignore=_of_the_backend)
    staging.chmod(0o755)


def _of_the_backend(folder: str, names: list[str]) -> set[str]:
    """Names of what is not copied from a folder of the runtime."""
    left_out = _FOR_TESTS if Path(folder) == _runtime_folder() else ()
    return {*_IGNORED(folder, names), *left_out}


def _runtime_folder() -> Path:
    """Return the folder of the ``convexity`` package, without importing more than the package."""
    spec = importlib.util.find_spec("convexity")
    if spec is None or spec.origin is None:
        raise BuildError("the convexity runtime is not installed beside the compiler; reinstall it")
    return Path(spec.origin).parent


def _replace(staging: Path, out_dir: Path, previous: Path, own: set[str]) -> None:
    """Put ``staging`` in the place of ``out_dir``; what is not ours moves last."""
    if out_dir.exists():
        out_dir.rename(previous)
    try:
        staging.rename(out_dir)
    except OSError:
        if previous.exists():
            previous.rename(out_dir)
        raise
    _finish_interrupted(out_dir, previous, own)


def _finish_interrupted(out_dir: Path, previous: Path, own: set[str]) -> None:
    """Complete a replacement from wherever it stopped."""
    if not previous.exists():
        return
    if not out_dir.exists():
        previous.rename(out_dir)
        return
    kept = [entry for entry in previous.iterdir() if not _is_built(entry, own)]
    for entry in kept:
        if (out_dir / entry.name).exists():
            raise BuildError(
                f"an earlier build was interrupted, and there is data in {entry} and in "
                f"{out_dir / entry.name}. Keep the one you need as the second and delete the first."
            )
    for entry in kept:
        entry.rename(out_dir / entry.name)
    shutil.rmtree(previous)


def _is_built(entry: Path, own: set[str]) -> bool:
    """Whether a build wrote an entry, perhaps one of an earlier project or compiler."""
    return entry.name in own or entry.suffix == ".py" or (entry / "_generated").is_dir()


def _refuse_foreign(out_dir: Path) -> None:
    """Do not replace a folder that no build made."""
    if not out_dir.exists():
        return
    if not out_dir.is_dir():
        raise BuildError(f"{out_dir} is a file; choose another output folder")
    entries = {entry.name for entry in out_dir.iterdir()}
    if entries - {DATA_FOLDER} and not all((out_dir / mark).exists() for mark in _MARKS):
        raise BuildError(
            f"{out_dir} holds files that no build wrote. Empty it or choose another output folder."
        )
