"""Puts a backend together: generated files, the user's modules, the runtime.

The new folder is written beside the old one and takes its place by renaming, so that nobody ever
sees half a backend. ``data/`` of the old one, where the database is by default, moves along.
"""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from convexity_compiler.emit.backend.errors import BuildError
from convexity_compiler.emit.backend.project import emit_backend, package_name

if TYPE_CHECKING:
    from convexity_compiler.ir import ProjectIR

DATA_FOLDER = "data"
_IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc", "*.pyi", ".*")


def build_dist(project_root: Path, project: ProjectIR, out_dir: Path) -> None:
    """Write the backend of ``project`` into ``out_dir``, in place of an older one.

    Args:
        project_root: Folder that holds the functions folder.
        project: The compiled project.
        out_dir: Folder to write; its parent is made when missing.

    Raises:
        BuildError: ``out_dir`` holds something else, cannot be written, or has data that an
            interrupted build left in two places.

    """
    out_dir = out_dir.absolute()
    previous = out_dir.with_name(f".{out_dir.name}.previous")
    try:
        out_dir.parent.mkdir(parents=True, exist_ok=True)
        _finish_interrupted(out_dir, previous)
        _refuse_foreign(out_dir)
        staging = Path(tempfile.mkdtemp(prefix=f".{out_dir.name}.", dir=out_dir.parent))
        try:
            _fill(staging, project_root, project)
            _replace(staging, out_dir, previous)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        raise BuildError(f"cannot write {out_dir}: {error.strerror or error}") from error


def _fill(staging: Path, project_root: Path, project: ProjectIR) -> None:
    for path, text in emit_backend(project).items():
        (staging / path).write_text(text, encoding="utf-8", newline="\n")
    functions = project_root / project.functions_folder
    shutil.copytree(functions, staging / package_name(project), ignore=_IGNORED)
    shutil.copytree(_runtime_folder(), staging / "convexity", ignore=_IGNORED)
    staging.chmod(0o755)


def _runtime_folder() -> Path:
    """Return the folder of the ``convexity`` package, without importing more than the package."""
    spec = importlib.util.find_spec("convexity")
    if spec is None or spec.origin is None:
        raise BuildError("the convexity runtime is not installed beside the compiler; reinstall it")
    return Path(spec.origin).parent


def _replace(staging: Path, out_dir: Path, previous: Path) -> None:
    """Put ``staging`` in the place of ``out_dir``; the data moves last."""
    if out_dir.exists():
        out_dir.rename(previous)
    try:
        staging.rename(out_dir)
    except OSError:
        if previous.exists():
            previous.rename(out_dir)
        raise
    _finish_interrupted(out_dir, previous)


def _finish_interrupted(out_dir: Path, previous: Path) -> None:
    """Complete a replacement from wherever it stopped."""
    if not previous.exists():
        return
    if not out_dir.exists():
        previous.rename(out_dir)
        return
    old_data, data = previous / DATA_FOLDER, out_dir / DATA_FOLDER
    if old_data.exists():
        if data.exists():
            raise BuildError(
                f"an earlier build was interrupted, and there is data in {old_data} and in {data}. "
                "Keep the one you need as the second and delete the first."
            )
        old_data.rename(data)
    shutil.rmtree(previous)


def _refuse_foreign(out_dir: Path) -> None:
    """Do not replace a folder that no build made."""
    if not out_dir.exists():
        return
    if not out_dir.is_dir():
        raise BuildError(f"{out_dir} is a file; choose another output folder")
    entries = {entry.name for entry in out_dir.iterdir()}
    if entries - {DATA_FOLDER} and not (out_dir / "convexity" / "backend.py").exists():
        raise BuildError(
            f"{out_dir} holds files that no build wrote. Empty it or choose another output folder."
        )
