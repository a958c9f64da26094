"""What a test calls: typed functions, the database, HTTP actions, time and failures."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, ParamSpec, cast

import httpx
import orjson
from typing_extensions import TypeVar

from convexity.auth.identity import ANONYMOUS, Identity
from convexity.database.transaction import Transaction
from convexity.functions.contexts import MutationCtx
from convexity.functions.invocation import Call, Invocation
from convexity.functions.invoke import run_to_end
from convexity.functions.meta import RequestMetadata
from convexity.functions.registration import RegisteredMutation
from convexity.functions.registry import Function
from convexity.testing.identities import PartialIdentity, completed, user
from convexity.testing.scheduling import MAX_RUNS
from convexity.values import ObjectValidator, v

if TYPE_CHECKING:
    from convexity.database.engine import WriteTransaction
    from convexity.database.system_tables import ScheduledFunctionsDoc
    from convexity.functions.references import (
        ActionReference,
        MutationReference,
        QueryReference,
    )
    from convexity.functions.registry import FunctionKind
    from convexity.testing.backends import TestBackend
    from convexity.testing.clock import FakeClock
    from convexity.testing.faults import Faults

P = ParamSpec("P")
R = TypeVar("R")
Ctx = TypeVar("Ctx", default=Any)
"""The project's own ``MutationCtx``, for tests that want its types in :meth:`ConvexityTest.run`."""

BASE_URL: Final = "http://convexity.test"
"""Address of every backend; nothing listens there but :meth:`ConvexityTest.fetch`."""


async def _nothing(_ctx: Any) -> None: ...


def _pseudo_function(kind: FunctionKind) -> Function:
    """The test itself, as contexts, limits and logs know it."""
    args, returns = ObjectValidator({}), v.any()
    registered: RegisteredMutation[Any, Any] = RegisteredMutation(
        _nothing, kind=kind, visibility="internal", args=args, returns=returns, name="test"
    )
    return Function(
        path="test:test",
        registered=registered,
        kind=kind,
        visibility="internal",
        args=args,
        returns=returns,
    )


_CALLER = _pseudo_function("action")
_RUN = _pseudo_function("mutation")


class ConvexityTest(Generic[Ctx]):
    """A backend of one test, seen by one caller; :meth:`with_identity` gives that of another.

    It begins without documents. Functions run as in production, on SQLite, with their arguments
    and results validated; but what they raise is raised here, the very object.
    """

    def __init__(self, backend: TestBackend, identity: Mapping[str, Any] | None = None) -> None:
        """Take a backend, which is started at the first call, and who calls."""
        self._backend = backend
        self._identity = identity

    @property
    def clock(self) -> FakeClock:
        """The clock of the backend."""
        return self._backend.clock

    @property
    def faults(self) -> Faults:
        """Failures to come."""
        return self._backend.faults

    @property
    def log_lines(self) -> list[str]:
        """What the functions called so far logged, as ``[LOG] 'text'``; also on standard output."""
        return self._backend.log_lines

    def with_identity(self, identity: PartialIdentity, /) -> ConvexityTest[Ctx]:
        """The same backend, called by a user.

        Args:
            identity: What ``ctx.auth.get_user_identity()`` returns; see :class:`PartialIdentity`
                for what may be left out.
        """
        return ConvexityTest(self._backend, completed(cast("Mapping[str, Any]", identity)))

    async def query(self, ref: QueryReference[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a query, public or internal.

        Raises:
            ArgumentValidationError: the arguments do not match.
            Exception: whatever the query raised.
        """
        return cast("R", await self._call("query", ref, args, kwargs))

    async def mutation(
        self, ref: MutationReference[P, R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a mutation, public or internal.

        Raises:
            ArgumentValidationError: the arguments do not match.
            Exception: whatever the mutation raised; nothing that it wrote stays then.
        """
        return cast("R", await self._call("mutation", ref, args, kwargs))

    async def action(self, ref: ActionReference[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run an action, public or internal; one of ``runtime="process"`` runs in this process.

        Raises:
            ArgumentValidationError: the arguments do not match.
            Exception: whatever the action raised.
        """
        return cast("R", await self._call("action", ref, args, kwargs))

    async def run(self, work: Callable[[Ctx], Awaitable[R]], /) -> R:
        """Run code of the test in a transaction, with the ``ctx`` of a mutation.

        Args:
            work: Such as ``lambda ctx: ctx.db.get(id)``; called once, its result is not validated.

        Raises:
            Exception: whatever ``work`` raised; nothing that it wrote stays then.
        """
        await self._backend.started()
        calls = self._backend.runner.calls
        call = self._new_call()

        async def transact(store: WriteTransaction) -> R:
            application = calls.components.application
            transaction = Transaction(store, application.database)
            invocation = Invocation(
                _RUN,
                call,
                component=application,
                started=calls.clock(),
                variables=calls.variables,
                transaction=transaction,
            )
            ctx = cast("Ctx", MutationCtx(invocation, calls))
            try:
                return await run_to_end(invocation, lambda: work(ctx))
            finally:
                transaction.end()

        try:
            return (await calls.write(transact)).value
        finally:
            self._backend.take_logs(call)

    async def fetch(
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
        """Send a request to the backend: to an HTTP action, or to the address of a file.

        Args:
            path: Path with or without a query, or an address that a function returned.
            method: HTTP method.
            headers: Headers of the request.
            params: Query, to be encoded.
            content: Body of the request.
            json: Body of the request, to be written as JSON.

        Returns:
            the response. An action that raises answers 500, as in production, and its error is on
            standard error.
        """
        await self._backend.started()
        sent = {"Authorization": self._authorization()} if self._identity is not None else {}
        transport = httpx.ASGITransport(app=self._backend.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
            return await client.request(
                method,
                path,
                headers={**sent, **(headers or {})},
                params=params,
                content=content,
                json=json,
            )

    async def finish_in_progress_scheduled_functions(
        self, *, at_most: int = MAX_RUNS
    ) -> list[ScheduledFunctionsDoc]:
        """Run the scheduled functions and cron jobs that are due, and what they schedule for now.

        Args:
            at_most: How many functions may run.

        Returns:
            the rows of the functions that ran, in order, with their states.

        Raises:
            RuntimeError: there is still one to run after so many.
        """
        await self._backend.started()
        return cast("list[ScheduledFunctionsDoc]", await self._backend.scheduler.run_due(at_most))

    async def finish_scheduled_functions(
        self, *, at_most: int = MAX_RUNS
    ) -> list[ScheduledFunctionsDoc]:
        """Let time pass, and run what falls due, until no scheduled function is left.

        Args:
            at_most: How many functions may run.

        Returns:
            the rows of the functions that ran, in order, with their states.

        Raises:
            RuntimeError: there is still one to run after so many.
        """
        await self._backend.started()
        return cast(
            "list[ScheduledFunctionsDoc]", await self._backend.scheduler.run_until(None, at_most)
        )

    async def _call(
        self, kind: FunctionKind, ref: object, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        await self._backend.started()
        calls = self._backend.runner.calls
        call = self._new_call()
        # The test calls as an action would, but what it calls is nested in nothing.
        caller = Invocation(
            _CALLER,
            call,
            component=calls.components.application,
            started=calls.clock(),
            variables=calls.variables,
            depth=-1,
        )
        try:
            return await calls.nested(caller, kind, ref, args, kwargs, None)
        finally:
            self._backend.take_logs(call)

    def _new_call(self) -> Call:
        fields = self._identity
        identity: Identity = ANONYMOUS if fields is None else user(dict(fields))
        return Call(identity, RequestMetadata(request_id="test"))

    def _authorization(self) -> str:
        identity = base64.b64encode(orjson.dumps(dict(self._identity or {}))).decode()
        return f"Convex {self._backend.secret}:{identity}"
