"""Failures that a test asks for."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar

from convexity.errors import WriteConflict
from convexity.functions.references import FunctionReference, MutationReference, reference_path

if TYPE_CHECKING:
    from convexity.functions.registry import Function
    from convexity.storage.byte_store import ByteStore

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(slots=True)
class _Failure:
    path: str | None
    """Of the function; ``None`` for every mutation."""
    error: BaseException | type[BaseException]
    after: bool
    times: int | None


class Faults:
    """Makes functions fail, in the order in which the test asked for it.

    It does not matter who calls the function: the test, another function, or the scheduler.
    """

    __slots__ = ("_failures", "_stubs")

    def __init__(self) -> None:
        self._failures: list[_Failure] = []
        self._stubs: dict[str, Callable[..., Any]] = {}

    def fail(
        self,
        ref: FunctionReference[..., Any],
        error: Exception | type[Exception],
        /,
        *,
        after: bool = False,
        times: int | None = 1,
    ) -> None:
        """Make a function fail.

        Args:
            ref: The function.
            error: What it raises, such as ``TimeoutError("the model is busy")``.
            after: Whether it does its work first. A mutation's writes are undone then; what an
                action did stays done, as when its answer is lost.
            times: How many calls fail; ``None``: all.
        """
        self._add(_Failure(reference_path(ref), error, after, times))

    def conflict(
        self, ref: MutationReference[..., Any] | None = None, /, *, times: int = 1
    ) -> None:
        """Make commits fail as they do when another transaction wrote what this one read.

        The mutation is run again then, as in production; after five conflicts its caller gets
        ``ConflictExhaustedError``.

        Args:
            ref: The mutation; default, whichever is next.
            times: How many commits.
        """
        path = None if ref is None else reference_path(ref)
        conflict = WriteConflict("a conflict that the test asked for")
        self._add(_Failure(path, conflict, after=True, times=times))

    def replace(
        self, ref: FunctionReference[P, R], stand_in: Callable[P, R | Awaitable[R]], /
    ) -> None:
        """Have a function answered by another one, which gets its arguments and no ``ctx``.

        For what costs money or reaches outside: the action that asks a model, say. Arguments and
        result are validated as ever.
        """
        self._stubs[reference_path(ref)] = stand_in

    def fail_storage(
        self,
        operation: Literal["store", "read"],
        error: Exception | type[Exception],
        /,
        *,
        times: int | None = 1,
    ) -> None:
        """Make the storage of files fail, for functions and uploads alike.

        Args:
            operation: Storing, or reading what is stored.
            error: What it raises, such as ``OverloadedError("the disk is full")``.
            times: How often; ``None``: always.
        """
        self._add(_Failure(f"storage:{operation}", error, after=False, times=times))

    def storage(self, inner: ByteStore) -> ByteStore:
        """``inner``, which fails when it should."""
        return _FaultyStore(self, inner)

    def clear(self) -> None:
        """Let everything work again."""
        self._failures.clear()
        self._stubs.clear()

    def wrapped(
        self, function: Function, handler: Callable[..., Awaitable[Any]]
    ) -> Callable[..., Awaitable[Any]]:
        """``handler`` of ``function``, which fails when it should."""

        @wraps(handler)
        async def run(ctx: Any, **arguments: Any) -> Any:
            self._raise(function, after=False)
            stub = self._stubs.get(function.path)
            if stub is None:
                result = await handler(ctx, **arguments)
            else:
                result = stub(**arguments)
                if inspect.isawaitable(result):
                    result = await result
            self._raise(function, after=True)
            return result

        return run

    def _add(self, failure: _Failure) -> None:
        if failure.times is not None and failure.times < 1:
            raise ValueError(f"times={failure.times}: ask for at least one failure, or for none")
        self._failures.append(failure)

    def _raise(self, function: Function, *, after: bool) -> None:
        self.meet(function.path, is_mutation=function.kind == "mutation", after=after)

    def meet(self, path: str, *, is_mutation: bool = False, after: bool = False) -> None:
        """Raise what the test asked for at this place, if it did."""
        for failure in self._failures:
            is_meant = failure.path == path or (failure.path is None and is_mutation)
            if is_meant and failure.after is after:
                if failure.times is not None:
                    failure.times -= 1
                    if failure.times == 0:
                        self._failures.remove(failure)
                raise failure.error


class _FaultyStore:
    """A store of files that fails when it should."""

    def __init__(self, faults: Faults, inner: ByteStore) -> None:
        self._faults = faults
        self._inner = inner

    async def write(self, key: str, pieces: AsyncIterable[bytes], /) -> None:
        self._faults.meet("storage:store")
        await self._inner.write(key, pieces)

    async def read(self, key: str, start: int, stop: int, /) -> AsyncGenerator[bytes, None]:
        self._faults.meet("storage:read")
        async with aclosing(self._inner.read(key, start, stop)) as pieces:
            async for piece in pieces:
                yield piece

    async def delete(self, key: str, /) -> None:
        await self._inner.delete(key)

    async def close(self) -> None:
        await self._inner.close()
