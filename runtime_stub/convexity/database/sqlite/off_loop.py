"""Statements that may take long, in a thread."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    import apsw

T = TypeVar("T")

_THREADS: Final = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="convexity-search")
"""Apart from asyncio's own, which blocking code of actions may occupy."""


async def off_loop(
    connection: apsw.Connection, work: Callable[[], T], *, writes: bool = False
) -> T:
    """Run ``work``, which uses the connection, in a thread; nobody else may use it meanwhile.

    When the caller is cancelled, the statement under way is interrupted, unless it writes: SQLite
    would undo the whole transaction, and with it what others of the group wrote. The connection is
    free by the time the cancellation goes on.
    """
    running = asyncio.get_running_loop().run_in_executor(_THREADS, work)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():
            if not writes:
                connection.interrupt()
            with suppress(asyncio.CancelledError):  # the first one is raised below
                await asyncio.wait([running], timeout=0.05)
        if not running.cancelled():
            running.exception()
        raise
