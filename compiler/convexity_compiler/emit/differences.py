"""Text about a plan: the report of ``--check`` and the output of ``--diff``."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from convexity_compiler.emit.header import is_digest

if TYPE_CHECKING:
    from convexity_compiler.emit.writer import Change, Plan

_CONTEXT_LINES = 3


def report(planned: Plan) -> str:
    """Name each file that is missing, stale, hand-edited or an orphan.

    A file that differs comes with the first of its differences. Empty when all is current.
    """
    return "".join(line for change in planned.changes for line in _reported(change))


def unified_diff(planned: Plan) -> str:
    """All differences as a patch, from what is on disk to what would be written."""
    return "".join(line for change in planned.changes for line in _diff(change))


def _reported(change: Change) -> Iterator[str]:
    yield f"{change.state}: {change.path}\n"
    if change.state in ("stale", "hand-edited"):
        hunks: list[list[str]] = []
        for line in _diff(change):
            if line.startswith("@@"):
                hunks.append([])
            if hunks:
                hunks[-1].append(line)
        for line in next(filter(_says_what, hunks), hunks[0] if hunks else []):
            yield f"  {line}"


def _says_what(hunk: list[str]) -> bool:
    """Whether a hunk has more than the digest, which every difference changes."""
    return any(line[0] in "+-" and not is_digest(line[1:].rstrip()) for line in hunk)


def _diff(change: Change) -> Iterator[str]:
    before = "/dev/null" if change.before is None else f"a/{change.path}"
    after = "/dev/null" if change.after is None else f"b/{change.path}"
    lines = difflib.unified_diff(
        (change.before or "").splitlines(keepends=True),
        (change.after or "").splitlines(keepends=True),
        before,
        after,
        n=_CONTEXT_LINES,
    )
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
