"""Opening a backend for a test; the server is imported with the first one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from convexity.testing.clock import START

if TYPE_CHECKING:
    from datetime import datetime

    from convexity.testing.tester import ConvexityTest


def convexity_test(project: Path | str | None = None, *, now: datetime = START) -> _Opened:
    """A fresh backend for one test; use it as ``with`` or ``async with``.

    Args:
        project: Root of the project; default, the one around the working directory.
        now: What the clock shows at first, aware.

    Raises:
        CompilationError: there is no project, or it cannot be compiled.
    """
    return _Opened(Path.cwd() if project is None else Path(project), now)


class _Opened:
    """``with`` over a :class:`ConvexityTest`."""

    __slots__ = ("_backend",)

    def __init__(self, start: Path, now: datetime) -> None:
        from convexity.testing.backends import TestBackend, imported_project

        self._backend = TestBackend(imported_project(start), now)

    def __enter__(self) -> ConvexityTest:
        from convexity.testing.tester import ConvexityTest

        return ConvexityTest(self._backend)

    def __exit__(self, *_exception: object) -> None:
        self._backend.discard()

    async def __aenter__(self) -> ConvexityTest:
        return self.__enter__()

    async def __aexit__(self, *_exception: object) -> None:
        self._backend.discard()
