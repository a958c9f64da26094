"""Decorators that turn a handler into a registered function."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    Generic,
    Literal,
    NoReturn,
    ParamSpec,
    TypeAlias,
    TypeVar,
)

from convexity.errors import DefinitionError
from convexity.functions.handler_signature import check_handler
from convexity.functions.names import check_wire_name
from convexity.values import Fields, ObjectValidator, Validator

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from convexity.functions.contexts import ActionCtx, MutationCtx, QueryCtx
    from convexity.functions.registry import FunctionKind, Visibility

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

Args: TypeAlias = Fields | ObjectValidator
Runtime: TypeAlias = Literal["server", "process"]


class RegisteredFunction(Generic[P, R_co]):
    """A handler with what its decorator declared. Not callable; tests may await ``handler``."""

    __slots__ = (
        "__weakref__",
        "args",
        "handler",
        "kind",
        "name",
        "returns",
        "runtime",
        "visibility",
    )

    def __init__(
        self,
        handler: Callable[..., Awaitable[R_co]],
        *,
        kind: FunctionKind,
        visibility: Visibility,
        args: ObjectValidator,
        returns: Validator,
        name: str,
        runtime: Runtime = "server",
    ) -> None:
        self.handler = handler
        self.kind = kind
        self.visibility = visibility
        self.args = args
        self.returns = returns
        self.name = name
        """Name on the wire, the handler's own unless ``name=`` was given."""
        self.runtime = runtime

    def __repr__(self) -> str:
        return f"<{self.visibility} {self.kind} {self.handler.__module__}.{self.name}>"

    if not TYPE_CHECKING:

        def __call__(self, *_args: object, **_kwargs: object) -> NoReturn:
            """Refuse the call: arguments would not be validated, nor the transaction opened."""
            raise TypeError(
                f"{self.name}() is a registered {self.kind} and cannot be called directly. "
                f"Call it by reference, `ctx.run_{self.kind}(api.<module>.{self.name}, ...)`, "
                "or move the code both need into a plain helper function that takes ctx."
            )


class RegisteredQuery(RegisteredFunction[P, R_co]):
    """A registered query."""

    __slots__ = ()


class RegisteredMutation(RegisteredFunction[P, R_co]):
    """A registered mutation."""

    __slots__ = ()


class RegisteredAction(RegisteredFunction[P, R_co]):
    """A registered action."""

    __slots__ = ()


class HttpAction:
    """A handler of HTTP requests, to be mounted with ``http.route``."""

    __slots__ = ("handler",)

    def __init__(self, handler: Callable[[ActionCtx, Request], Awaitable[Response]], /) -> None:
        self.handler = handler

    def __repr__(self) -> str:
        return f"<http action {self.handler.__module__}.{self.handler.__qualname__}>"


def object_arguments(args: object, name: str, /) -> ObjectValidator:
    """``args`` of a registration as an object validator."""
    if isinstance(args, ObjectValidator):
        return args
    if isinstance(args, Mapping):
        return ObjectValidator(args)
    raise DefinitionError(
        f"args of {name}() must be a mapping of argument names to validators or a v.object(...), "
        f"not {args!r}"
    )


def register(
    cls: type[RegisteredFunction[P, R]],
    handler: Callable[..., Awaitable[R]],
    *,
    kind: FunctionKind,
    visibility: Visibility,
    args: Args,
    returns: Validator,
    name: str | None,
    runtime: Runtime = "server",
) -> Any:
    """Check a handler against its declaration and wrap it in ``cls``.

    Raises:
        DefinitionError: the handler is no coroutine function, its parameters do not fit ``args``,
            or ``args``, ``returns`` or ``name`` is malformed.
    """
    if isinstance(handler, RegisteredFunction):
        raise DefinitionError(f"{handler.name}() is registered twice; keep one decorator")
    if not inspect.iscoroutinefunction(handler):
        shown = getattr(handler, "__name__", repr(handler))
        raise DefinitionError(f"{shown} must be a coroutine function: write `async def {shown}`")
    fields = object_arguments(args, handler.__name__)
    if not isinstance(returns, Validator):
        raise DefinitionError(
            f"returns of {handler.__name__}() must be a validator such as v.null(), not {returns!r}"
        )
    check_handler(handler, fields)
    return cls(
        handler,
        kind=kind,
        visibility=visibility,
        args=fields,
        returns=returns,
        name=check_wire_name(handler.__name__ if name is None else name),
        runtime=runtime,
    )


def query(
    *, args: Args, returns: Validator, name: str | None = None
) -> Callable[[Callable[Concatenate[QueryCtx, P], Awaitable[R]]], RegisteredQuery[P, R]]:
    """Register a public query: reads one snapshot, may be cached and subscribed to.

    Args:
        args: validators by argument name, or an object validator.
        returns: validator of the result; ``v.null()`` for none.
        name: name on the wire; default, the handler's own.
    """
    return lambda handler: register(
        RegisteredQuery,
        handler,
        kind="query",
        visibility="public",
        args=args,
        returns=returns,
        name=name,
    )


def internal_query(
    *, args: Args, returns: Validator, name: str | None = None
) -> Callable[[Callable[Concatenate[QueryCtx, P], Awaitable[R]]], RegisteredQuery[P, R]]:
    """Register a query that only other functions and admins can call; see :func:`query`."""
    return lambda handler: register(
        RegisteredQuery,
        handler,
        kind="query",
        visibility="internal",
        args=args,
        returns=returns,
        name=name,
    )


def mutation(
    *, args: Args, returns: Validator, name: str | None = None
) -> Callable[[Callable[Concatenate[MutationCtx, P], Awaitable[R]]], RegisteredMutation[P, R]]:
    """Register a public mutation: a serialisable transaction; see :func:`query` for arguments."""
    return lambda handler: register(
        RegisteredMutation,
        handler,
        kind="mutation",
        visibility="public",
        args=args,
        returns=returns,
        name=name,
    )


def internal_mutation(
    *, args: Args, returns: Validator, name: str | None = None
) -> Callable[[Callable[Concatenate[MutationCtx, P], Awaitable[R]]], RegisteredMutation[P, R]]:
    """Register a mutation that only other functions and admins can call; see :func:`query`."""
    return lambda handler: register(
        RegisteredMutation,
        handler,
        kind="mutation",
        visibility="internal",
        args=args,
        returns=returns,
        name=name,
    )


def action(
    *, args: Args, returns: Validator, name: str | None = None, runtime: Runtime = "server"
) -> Callable[[Callable[Concatenate[ActionCtx, P], Awaitable[R]]], RegisteredAction[P, R]]:
    """Register a public action: may talk to the outside, has no ``ctx.db``.

    Args:
        args: validators by argument name, or an object validator.
        returns: validator of the result; ``v.null()`` for none.
        name: name on the wire; default, the handler's own.
        runtime: ``"process"`` runs it in a worker process, for blocking or CPU-bound libraries.
    """
    return lambda handler: register(
        RegisteredAction,
        handler,
        kind="action",
        visibility="public",
        args=args,
        returns=returns,
        name=name,
        runtime=runtime,
    )


def internal_action(
    *, args: Args, returns: Validator, name: str | None = None, runtime: Runtime = "server"
) -> Callable[[Callable[Concatenate[ActionCtx, P], Awaitable[R]]], RegisteredAction[P, R]]:
    """Register an action that only other functions and admins can call; see :func:`action`."""
    return lambda handler: register(
        RegisteredAction,
        handler,
        kind="action",
        visibility="internal",
        args=args,
        returns=returns,
        name=name,
        runtime=runtime,
    )


def http_action(handler: Callable[[ActionCtx, Request], Awaitable[Response]], /) -> HttpAction:
    """Register a handler of HTTP requests; mount it with ``http.route``."""
    if not inspect.iscoroutinefunction(handler):
        raise DefinitionError(f"{handler!r} must be a coroutine function: write `async def`")
    return HttpAction(handler)
