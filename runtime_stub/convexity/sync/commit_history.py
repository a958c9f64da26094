"""The newest commits, to learn whether something read a moment ago still holds."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from convexity.database.engine import Commit
    from convexity.database.ranges import ReadSet

MAX_COMMITS: Final = 512
"""Commits that are remembered."""


class CommitHistory:
    """Commits in order, without those that are too old."""

    def __init__(self, frontier: int) -> None:
        """Begin after the time ``frontier``."""
        self._commits: deque[Commit] = deque(maxlen=MAX_COMMITS)
        self._forgotten = frontier
        """Time up to which nothing is remembered."""

    def add(self, commit: Commit) -> None:
        """Remember a commit, the newest."""
        if len(self._commits) == MAX_COMMITS:
            self._forgotten = self._commits[0].ts
        self._commits.append(commit)

    def first_change(self, reads: ReadSet, after: int) -> int | None:
        """Time of the first commit after ``after`` that may have changed what was read.

        ``None`` if there is none; the first time after ``after`` if that is too long ago to tell.
        """
        commits = self._commits
        if not commits or commits[-1].ts <= after:
            return None
        if after < self._forgotten:
            return after + 1
        newer = 0
        for commit in reversed(commits):
            if commit.ts <= after:
                break
            newer += 1
        for commit in islice(commits, len(commits) - newer, None):
            if not commit.is_complete or reads.intersects(commit.writes):
                return commit.ts
        return None
