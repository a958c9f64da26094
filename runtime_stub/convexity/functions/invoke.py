"""Running a handler: its log lines, its tasks, its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

import orjson

from convexity.errors import ReturnsValidationError, ValueSizeError
from convexity.functions.catalog import CompiledFunction
from convexity.functions.environment import current_lookup
from convexity.functions.handles import current_invocation
from convexity.functions.invocation import Invocation
from convexity.functions.logs import current_logs
from convexity.functions.names import display_path, to_python_parameters
from convexity.functions.tasks import current_tasks, watch_tasks
from convexity.functions.unwrap import decisive_error
from convexity.values import ValidationError, limits
from convexity.values.sizes import value_size

T = TypeVar("T")

_logger: Final = logging.getLogger(__name__)

_MOST_BYTES_PER_CHARACTER: Final = 5
"""An int64 is 9 bytes and in JSON at least 2, the digit and what separates it from the next."""


async def invoke(
    compiled: CompiledFunction,
    invocation: Invocation,
    ctx: object,
    arguments: Mapping[str, Any],
) -> Any:
    """Run a handler to its end and return its checked result.

    When it has ended, ``ctx`` is dead and the tasks that the handler left are cancelled and
    awaited, so that nothing of it runs when its transaction commits or rolls back.

    Raises:
        ReturnsValidationError: the result does not match ``returns``.
        ValueSizeError: the result is too large.
        BaseException: whatever the handler raised, the very object.
    """
    handler = compiled.function.registered.handler
    parameters = to_python_parameters(dict(arguments))
    return checked_result(
        compiled, await run_to_end(invocation, lambda: handler(ctx, **parameters))
    )


async def run_to_end(invocation: Invocation, work: Callable[[], Awaitable[T]]) -> T:
    """Run the code of a function to its end and return its result as it is; see :func:`invoke`."""
    watch_tasks(asyncio.get_running_loop())
    try:
        result = await _within(invocation, work)
    except BaseExceptionGroup as group:
        error = decisive_error(group, invocation.tasks)
        raise error from error.__cause__
    finally:
        invocation.end()
        for task in await invocation.tasks.cancel_leftovers():
            _logger.warning(
                "%s left a task that refuses to be cancelled: %r", invocation.function.path, task
            )
    if invocation.tasks.signal is not None:
        raise invocation.tasks.signal
    return result


async def _within(invocation: Invocation, work: Callable[[], Awaitable[T]]) -> T:
    logs = current_logs.set(invocation.call.logs)
    tasks = current_tasks.set(invocation.tasks)
    lookup = current_lookup.set(invocation.variable)
    running = current_invocation.set(invocation)
    try:
        return await work()
    finally:
        current_invocation.reset(running)
        current_lookup.reset(lookup)
        current_tasks.reset(tasks)
        current_logs.reset(logs)


def checked_result(compiled: CompiledFunction, result: object) -> Any:
    """A copy of a handler's result in the form that callers see."""
    try:
        value = compiled.returns.validate(result)
    except ValidationError as error:
        raise ReturnsValidationError(str(error)) from None
    size = _size_above(value, limits.MAX_RESULT_SIZE)
    if size is not None:
        raise ValueSizeError(
            f"Function {display_path(compiled.function.path)} return value is too large "
            f"(actual: {_mebibytes(size)}, limit: {_mebibytes(limits.MAX_RESULT_SIZE)})"
        )
    return value


def check_arguments_size(path: str, arguments: Mapping[str, Any]) -> None:
    """Refuse arguments above the limit (wire-protocol 2.2).

    Raises:
        ValueSizeError: they are too large.
    """
    size = _size_above(dict(arguments), limits.MAX_ARGUMENTS_SIZE)
    if size is not None:
        raise ValueSizeError(
            f"Arguments for {display_path(path)} are too large "
            f"(actual: {_mebibytes(size)}, limit: {_mebibytes(limits.MAX_ARGUMENTS_SIZE)})"
        )


def _size_above(value: Any, limit: int) -> int | None:
    """Size of a value above the limit; ``None`` if it is within.

    Most values are small, and their JSON text, which is fast to make, proves it.
    """
    try:
        text = orjson.dumps(value, default=bytes.hex)
    except orjson.JSONEncodeError:
        text = None  # a lone surrogate; the exact size settles it
    if text is not None and _MOST_BYTES_PER_CHARACTER * len(text) <= limit:
        return None
    size = value_size(value)
    return size if size > limit else None


def _mebibytes(size: int) -> str:
    mebibytes = size / 2**20
    return f"{mebibytes:.0f} MiB" if mebibytes.is_integer() else f"{mebibytes:.2f} MiB"
