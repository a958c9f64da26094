"""When projects are checked: at once after a change, with the newest texts, one check at a time."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, Generic, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from convexity_compiler.lsp.open_project import Document, OpenProject

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

QUICK_SECONDS: Final = 0.1
"""A check that takes no longer than this begins with the keystroke; a longer one waits for as long
as the last one took, so that typing in a large project keeps no core busy all the time."""
LONGEST_WAIT_SECONDS: Final = 1.0


class Checks(Generic[R]):
    """Checks in a thread of its own, which everything that reads their results shares."""

    def __init__(
        self,
        check: Callable[[OpenProject, Mapping[str, Document]], R],
        done: Callable[[OpenProject, R], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Take what checks a project with its open files, in the worker's thread.

        ``done`` gets what it returns, ``failed`` what it raises, both in the thread of the caller.
        """
        self._check = check
        self._done = done
        self._failed = failed
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="convexity")
        self._due: set[OpenProject] = set()
        self._running: dict[OpenProject, asyncio.Task[None]] = {}

    def request(self, project: OpenProject) -> None:
        """Have a project checked as it is now; several requests are one while a check runs."""
        self._due.add(project)
        running = self._running.get(project)
        if running is None or running.done():
            self._running[project] = asyncio.create_task(self._run(project))

    def forget(self, project: OpenProject) -> None:
        """Let a project go."""
        self._due.discard(project)
        self._running.pop(project, None)

    async def settled(self, project: OpenProject) -> None:
        """Wait until the project is checked as it is now."""
        running = self._running.get(project)
        if running is not None:
            await asyncio.shield(running)

    async def work(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function that reads what checks have found, between two of them."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, lambda: function(*args, **kwargs))

    def close(self) -> None:
        """Stop once the running check has ended."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    async def _run(self, project: OpenProject) -> None:
        while project in self._due:
            last = project.checked.seconds if project.checked is not None else 0.0
            if last > QUICK_SECONDS:
                await asyncio.sleep(min(last, LONGEST_WAIT_SECONDS))
            self._due.discard(project)
            documents = dict(project.documents)
            try:
                self._done(project, await self.work(self._check, project, documents))
            except Exception as error:
                self._failed(error)
