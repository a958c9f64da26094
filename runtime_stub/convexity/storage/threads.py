"""Blocking work on files, in threads of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, ParamSpec, TypeVar

from convexity.storage.waiting import until_done

P = ParamSpec("P")
T = TypeVar("T")

_THREADS: Final = 8
"""Files that are read or written at the same moment; more streams than that take turns."""


class FileThreads:
    """Runs functions in threads, apart from those of ``asyncio.to_thread``, which actions block."""

    def __init__(self) -> None:
        """Begin without a thread."""
        self._executor = ThreadPoolExecutor(_THREADS, thread_name_prefix="convexity-files")

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work``; who is cancelled meanwhile still waits for its end.

        So nothing touches a file any more when its writer has given up.
        """
        return await until_done(asyncio.wrap_future(self._executor.submit(work, *args, **kwargs)))

    def close(self) -> None:
        """End the threads when they are idle."""
        self._executor.shutdown(wait=False)
