"""ESLint with the Convex plugin, on a project in TypeScript."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.timing import Command, nothing

PACKAGE: Final = Path(__file__).parent / "peers" / "eslint"
CACHE: Final = ".eslintcache"


def set_up(folder: Path) -> None:
    """Make a generated project one that ESLint checks.

    Raises RuntimeError when what ``package.json`` lists is not installed.
    """
    if not (PACKAGE / "node_modules" / "eslint").is_dir():
        raise RuntimeError(f"ESLint is not installed: run `npm install --prefix {PACKAGE}`")
    for name in ("package.json", "eslint.config.js"):
        shutil.copy(PACKAGE / name, folder)
    (folder / "node_modules").symlink_to(PACKAGE / "node_modules")


def eslint(
    folder: Path,
    *arguments: str,
    typed: bool = False,
    prepare: Callable[[], object] = nothing,
) -> Command:
    """Return a run of ESLint; ``typed`` lets rules ask the TypeScript compiler for types."""
    return Command(
        arguments=["node_modules/.bin/eslint", *arguments],
        folder=folder,
        variables={"BENCHMARK_TYPED": "1"} if typed else {},
        prepare=prepare,
    )
