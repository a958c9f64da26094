"""Applying fixes to a project: rounds of edits until nothing is left to fix."""

from __future__ import annotations

import difflib
import os
import tempfile
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING

from convexity_compiler.cli import pipeline
from convexity_compiler.diagnostics.edits import apply_edits, choose_edits

if TYPE_CHECKING:
    from convexity_compiler.config import Config

MAX_ROUNDS = 10
"""A fix may bring about another finding; it never takes this many rounds to settle."""

_BYTE_ORDER_MARK = "\ufeff"


def fix(config: Config, paths: tuple[str, ...], *, unsafe: bool) -> int:
    """Apply fixes to the files and return how many; unsafe ones only when asked for."""
    total = 0
    for _ in range(MAX_ROUNDS):
        changed, count = _round(config, paths, unsafe=unsafe)
        for path, (_, after) in changed.items():
            _write(config.root / path, after)
        total += count
        if not changed:
            break
    return total


def preview(config: Config, paths: tuple[str, ...], *, unsafe: bool) -> str:
    """Return the first round of fixes as a unified diff; "" when there is nothing to fix."""
    changed, _ = _round(config, paths, unsafe=unsafe)
    return "".join(
        line
        for path, (before, after) in sorted(changed.items())
        for line in difflib.unified_diff(
            before.splitlines(keepends=True),
            after.splitlines(keepends=True),
            fromfile=path,
            tofile=path,
        )
    )


def _round(
    config: Config, paths: tuple[str, ...], *, unsafe: bool
) -> tuple[dict[str, tuple[str, str]], int]:
    """Return the text before and after by path, and the number of fixes."""
    project = pipeline.load(config)
    findings = pipeline.narrow(pipeline.check(project), config, paths)
    edits, count = choose_edits(findings, unsafe=unsafe)
    changed = {}
    for path, edits_of_file in edits.items():
        before = _read(config.root / path)
        # A byte order mark counts in no position.
        text = before.removeprefix(_BYTE_ORDER_MARK)
        mark = before[: len(before) - len(text)]
        changed[path] = (before, mark + apply_edits(text, edits_of_file))
    return changed, count


def _read(path: Path) -> str:
    """Read with line ends as they are: a fix keeps those of the file."""
    with path.open(encoding=_encoding(path), newline="") as file:
        return file.read()


def _encoding(path: Path) -> str:
    """Return the encoding a module declares; a byte order mark is left in the text."""
    with path.open("rb") as file:
        return tokenize.detect_encoding(file.readline)[0].removesuffix("-sig")


def _write(path: Path, text: str) -> None:
    mode = path.stat().st_mode
    encoding = _encoding(path)
    with tempfile.NamedTemporaryFile(
        "w", encoding=encoding, newline="", dir=path.parent, delete=False
    ) as file:
        file.write(text)
    try:
        Path(file.name).chmod(mode)
        os.replace(file.name, path)
    finally:
        Path(file.name).unlink(missing_ok=True)
