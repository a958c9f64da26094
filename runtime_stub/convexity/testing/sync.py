"""The same for tests that are no coroutines."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, ParamSpec

from anyio.from_thread import BlockingPortal, start_blocking_portal
from typing_extensions import TypeVar

from convexity.testing.clock import START
from convexity.testing.opening import convexity_test
from convexity.testing.scheduling import MAX_RUNS
from convexity.testing.tester import ConvexityTest

if TYPE_CHECKING:
    import httpx

    from convexity.database.system_tables import ScheduledFunctionsDoc
    from convexity.functions.references import (
        ActionReference,
        MutationReference,
        QueryReference,
    )
    from convexity.testing.faults import Faults
    from convexity.testing.identities import PartialIdentity

P = ParamSpec("P")
R = TypeVar("R")
Ctx = TypeVar("Ctx", default=Any)


class SyncConvexityTest(Generic[Ctx]):
    """:class:`ConvexityTest` without ``await``: its backend runs in a thread of its own."""

    def __init__(self, portal: BlockingPortal, inner: ConvexityTest[Ctx]) -> None:
        """Take what runs coroutines, and whose methods are called there."""
        self._portal = portal
        self._inner = inner

    @property
    def faults(self) -> Faults:
        """Failures to come."""
        return self._inner.faults

    @property
    def log_lines(self) -> list[str]:
        """What the functions called so far logged."""
        return self._inner.log_lines

    def now(self) -> datetime:
        """What the clock shows."""
        return self._inner.clock.now()

    def advance(self, delta: timedelta, /) -> None:
        """See :meth:`FakeClock.advance`."""
        self._portal.call(self._inner.clock.advance, delta)

    def jump(self, delta: timedelta, /) -> None:
        """See :meth:`FakeClock.jump`."""
        self._inner.clock.jump(delta)

    def with_identity(self, identity: PartialIdentity, /) -> SyncConvexityTest[Ctx]:
        """See :meth:`ConvexityTest.with_identity`."""
        return SyncConvexityTest(self._portal, self._inner.with_identity(identity))

    def query(self, ref: QueryReference[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """See :meth:`ConvexityTest.query`."""
        return self._portal.call(partial(self._inner.query, ref, *args, **kwargs))

    def mutation(self, ref: MutationReference[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """See :meth:`ConvexityTest.mutation`."""
        return self._portal.call(partial(self._inner.mutation, ref, *args, **kwargs))

    def action(self, ref: ActionReference[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """See :meth:`ConvexityTest.action`."""
        return self._portal.call(partial(self._inner.action, ref, *args, **kwargs))

    def run(self, work: Callable[[Ctx], Awaitable[R]], /) -> R:
        """See :meth:`ConvexityTest.run`."""
        return self._portal.call(partial(self._inner.run, work))

    def fetch(
        self,
        path: str,
        /,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        content: bytes | str | None = None,
        json: Any = None,
    ) -> httpx.Response:
        """See :meth:`ConvexityTest.fetch`."""
        fetch = partial(self._inner.fetch, path, method=method, headers=headers, params=params)
        return self._portal.call(partial(fetch, content=content, json=json))

    def finish_in_progress_scheduled_functions(
        self, *, at_most: int = MAX_RUNS
    ) -> list[ScheduledFunctionsDoc]:
        """See :meth:`ConvexityTest.finish_in_progress_scheduled_functions`."""
        return self._portal.call(
            partial(self._inner.finish_in_progress_scheduled_functions, at_most=at_most)
        )

    def finish_scheduled_functions(self, *, at_most: int = MAX_RUNS) -> list[ScheduledFunctionsDoc]:
        """See :meth:`ConvexityTest.finish_scheduled_functions`."""
        return self._portal.call(partial(self._inner.finish_scheduled_functions, at_most=at_most))


@contextmanager
def sync_convexity_test(
    project: Path | str | None = None, *, now: datetime = START
) -> Iterator[SyncConvexityTest]:
    """A fresh backend for one test that is no coroutine; see :func:`convexity_test`.

    Args:
        project: Root of the project; default, the one around the working directory.
        now: What the clock shows at first, aware.

    Raises:
        CompilationError: there is no project, or it cannot be compiled.
    """
    with start_blocking_portal() as portal, convexity_test(project, now=now) as inner:
        yield SyncConvexityTest(portal, inner)
