"""Waiting for what must not be left alone."""

from __future__ import annotations

import asyncio
from typing import TypeVar

T = TypeVar("T")


async def until_done(future: asyncio.Future[T]) -> T:
    """The result of ``future``; who is cancelled meanwhile still waits for its end.

    Raises:
        CancelledError: the caller was cancelled, whatever the result is.
    """
    cancellation: asyncio.CancelledError | None = None
    while not future.done():
        try:
            await asyncio.wait({future})
        except asyncio.CancelledError as error:
            cancellation = error
    if cancellation is not None:
        if not future.cancelled():
            future.exception()  # known now, so that nobody complains of it
        raise cancellation
    return future.result()
