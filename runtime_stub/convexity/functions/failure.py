"""What a client learns of a function that failed (wire-protocol 2.2)."""

from __future__ import annotations

import asyncio
import traceback
from dataclasses import dataclass
from types import TracebackType
from typing import Final

from convexity.errors import (
    ArgumentValidationError,
    ControlFlow,
    FunctionKindError,
    FunctionNotFoundError,
    FunctionPathError,
    InvalidArgumentsError,
    InvalidCursorError,
    NestingDepthError,
    NotPermittedError,
    RemoteFunctionError,
    ReturnsValidationError,
    ValueSizeError,
)
from convexity.values import UNSET, ConvexError, Unset, Value

MAX_MESSAGE_LENGTH: Final = 64 * 1024
"""Characters of an error message (wire-protocol 2.2)."""

_NAMED: Final = (ArgumentValidationError, ReturnsValidationError)
"""Errors of the platform whose message starts with their name, without "Uncaught"."""

_SYSTEM: Final = (
    FunctionKindError,
    FunctionNotFoundError,
    FunctionPathError,
    InvalidArgumentsError,
    NestingDepthError,
    NotPermittedError,
    ValueSizeError,
)
"""Errors of the platform whose message stands alone."""

_OWN_MODULES: Final = ("convexity.", "asyncio.", "contextlib")
"""Frames of these modules tell a user nothing about the own code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionError:
    """A failure of a function, as it may be shown to whoever called it."""

    message: str
    """One line or more, with the error's name: ``Uncaught ValueError: boom``."""
    data: Value | Unset = UNSET
    """What a ``ConvexError`` holds; present even in production, where messages are not."""
    frames: tuple[str, ...] = ()
    """Where it happened, outermost last: ``send (convex/messages.py:12)``."""

    @property
    def text(self) -> str:
        """Message and frames as clients show them; ends in a newline."""
        lines = [self.message, *(f"    at {frame}" for frame in self.frames)]
        return "\n".join(lines)[: MAX_MESSAGE_LENGTH - 1] + "\n"


def ends_the_task(error: BaseException) -> bool:
    """Whether the running task was cancelled; else, it is the function that failed with this.

    A function fails with ``CancelledError`` when it awaits a task that it cancelled itself.
    """
    task = asyncio.current_task()
    cancelled = isinstance(error, asyncio.CancelledError)
    return cancelled and task is not None and task.cancelling() > 0


def function_error(error: BaseException) -> FunctionError:
    """Describe what a function raised, or why the platform refused to run it.

    Without a frame of the user's own, it was the platform that raised.
    """
    name = type(error).__name__
    text = _text(error)
    frames = _frames(error.__traceback__)
    if isinstance(error, ControlFlow):
        return FunctionError(message=text, frames=frames)
    if isinstance(error, ConvexError):
        message = f"Uncaught ConvexError: {text}"
        return FunctionError(message=message, data=error.data, frames=frames)
    if not frames and isinstance(error, RemoteFunctionError) and error.reported is not None:
        return FunctionError(message=error.reported, frames=error.frames)
    if not frames and isinstance(error, _NAMED):
        return FunctionError(message=f"{name}: {text}")
    if not frames and isinstance(error, _SYSTEM):
        return FunctionError(message=text)
    return FunctionError(
        message=f"Uncaught {name}: {text}" if text else f"Uncaught {name}",
        data=error.data if isinstance(error, InvalidCursorError) else UNSET,
        frames=frames,
    )


def _text(error: BaseException) -> str:
    """``str(error)``, which runs code of the user's, and fails for data that holds itself."""
    try:
        return str(error)
    except Exception as problem:
        return f"(its text cannot be shown: {type(problem).__name__})"


def _frames(trace: TracebackType | None) -> tuple[str, ...]:
    frames = []
    for frame, line in traceback.walk_tb(trace):
        module = str(frame.f_globals.get("__name__", ""))
        if not f"{module}.".startswith(_OWN_MODULES):
            frames.append(f"{frame.f_code.co_name} ({module.replace('.', '/')}.py:{line})")
    return tuple(reversed(frames))
