"""Having a project compiled before its tests run.

The compiler is run as a program: this package imports nothing of it. What it wrote is kept under
``.convexity/testing`` of the project, by a digest of the sources, so that it runs only after a
change.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from convexity.project_folder import functions_folder
from convexity.version import VERSION

_CACHE: Final = Path(".convexity") / "testing"
_KEPT: Final = 3
"""Builds that are kept: those of a few branches."""
_COMPILER: Final = ("convexity_compiler", "convexity_templates")
_IMPORTED: Final = re.compile(r"^(?:from|import) (\w+)", re.MULTILINE)
_SKIPPED: Final = frozenset({"_generated", "__pycache__"})


class CompilationError(Exception):
    """The project cannot be compiled; the text is what the compiler said."""


def compiled(root: Path) -> Path:
    """The folder with the compiled backend of a project; compiles it when something changed.

    Raises:
        CompilationError: the compiler is not installed here, or refuses the project.
    """
    cache = root / _CACHE
    functions = functions_folder(root)
    target = cache / _digest(root, functions)
    if not target.exists() or not (functions / "_generated" / "api.py").exists():
        _compile(root, target)
        _tidy(cache, target)
    return target


def _digest(root: Path, functions: Path) -> str:
    """A digest of everything that the compiled backend depends on."""
    digest = hashlib.sha256(VERSION.encode())
    for path in (root / "pyproject.toml", *sorted(functions.rglob("*.py"))):
        if _SKIPPED.isdisjoint(path.parts) and path.is_file():
            digest.update(f"\0{path.relative_to(root)}\0".encode())
            digest.update(path.read_bytes())
    for path in (*_compiler_files(), *_component_files(functions)):
        status = path.stat()
        digest.update(f"\0{path}\0{status.st_mtime_ns}\0{status.st_size}".encode())
    return digest.hexdigest()[:32]


def _compiler_files() -> Iterator[Path]:
    for package in _COMPILER:
        yield from _package_files(package)


def _component_files(functions: Path) -> Iterator[Path]:
    """Sources of the packages that components come from."""
    names: set[str] = set()
    for path in functions.rglob("convex_config.py"):
        names |= set(_IMPORTED.findall(path.read_text(encoding="utf-8")))
    for name in sorted(names - {"convexity"}):
        yield from _package_files(name)


def _package_files(package: str) -> Iterator[Path]:
    spec = importlib.util.find_spec(package)
    if spec is not None and spec.origin is not None and spec.submodule_search_locations:
        files = Path(spec.origin).parent.rglob("*")
        yield from sorted(p for p in files if p.suffix in (".py", ".jinja"))


def _compile(root: Path, target: Path) -> None:
    if importlib.util.find_spec("convexity_compiler") is None:
        raise CompilationError(
            f"the tests of {root} need its compiler: install the package `convexity` here"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    staging = target.with_name(f"{target.name}.{os.getpid()}")
    command = [sys.executable, "-m", "convexity_compiler", "build", "--out", str(staging)]
    process = subprocess.run(
        [*command, "--project", str(root)],
        cwd=root,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if process.returncode != 0:
        raise CompilationError(
            f"{root} cannot be compiled:\n{process.stdout}{process.stderr}".rstrip()
        )
    try:
        staging.rename(target)
    except OSError:
        # Another process was faster; what it wrote is the same.
        shutil.rmtree(staging, ignore_errors=True)


def _tidy(cache: Path, newest: Path) -> None:
    """Delete the oldest builds."""
    builds = [path for path in cache.iterdir() if path.is_dir() and path != newest]
    builds.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in builds[_KEPT - 1 :]:
        shutil.rmtree(path, ignore_errors=True)
