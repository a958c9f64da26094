"""Finding the project whose functions are tested: what pytest needs before it imports a test."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any, Final

_FUNCTIONS: Final = "convex"


def project_root(start: Path) -> Path | None:
    """The nearest folder with a project, from ``start`` upwards, as the compiler looks for it.

    That is one whose pyproject.toml has ``[tool.convexity]``, or with a folder ``convex`` that has
    modules; a built backend has that too, and is none.
    """
    for folder in (start, *start.parents):
        if settings(folder) is not None:
            return folder
        is_built = (folder / "convexity" / "backend.py").exists()
        if folder.name != _FUNCTIONS and not is_built and any((folder / _FUNCTIONS).glob("*.py")):
            return folder
    return None


def settings(folder: Path) -> dict[str, Any] | None:
    """``[tool.convexity]`` of the folder's pyproject.toml; ``None`` without one."""
    try:
        text = (folder / "pyproject.toml").read_text(encoding="utf-8")
        found = tomllib.loads(text).get("tool", {}).get("convexity")
    except (OSError, tomllib.TOMLDecodeError):
        return None
    return found if isinstance(found, dict) else None


def functions_folder(root: Path) -> Path:
    """The folder that holds the functions of a project."""
    return root / str((settings(root) or {}).get("functions", _FUNCTIONS))


def make_importable(root: Path) -> None:
    """Put the folder around a project's functions first on the path of imports."""
    parent = str(functions_folder(root).parent)
    if parent not in sys.path:
        sys.path.insert(0, parent)
