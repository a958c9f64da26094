"""References: how functions name each other without importing each other.

``api``, ``internal`` and ``components`` are attribute chains whose shape gives the path:
``api.messages.access.h`` is the function ``messages/access:h``. What a chain names is only looked
up when it is called; the generated stubs let type checkers know earlier.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, NoReturn, ParamSpec, TypeVar

from convexity.errors import InvalidArgumentsError

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class FunctionReference(Generic[P, R_co]):
    """Names a function; instances come from the generated ``api`` and ``internal``."""

    __slots__ = ("__component__", "__parts__", "__weakref__")

    def __init__(self, *parts: str, component: str | None = None) -> None:
        self.__parts__ = parts
        self.__component__ = component

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, FunctionReference)
            and self.__parts__ == other.__parts__
            and self.__component__ == other.__component__
        )

    def __hash__(self) -> int:
        return hash((self.__parts__, self.__component__))

    def __repr__(self) -> str:
        root = "api" if self.__component__ is None else f"components.{self.__component__}"
        return ".".join((root, *self.__parts__))

    if not TYPE_CHECKING:

        def __call__(self, *_args: object, **_kwargs: object) -> NoReturn:
            """Refuse both a direct call and use as a decorator."""
            raise TypeError(
                f"{self!r} is a reference: it cannot be called and registers nothing. "
                f"Pass it to the caller, `await ctx.run_query({self!r}, ...)`, and register "
                "functions with query, mutation or action of `_generated.server`."
            )


class QueryReference(FunctionReference[P, R_co]):
    """Names a query."""

    __slots__ = ()


class MutationReference(FunctionReference[P, R_co]):
    """Names a mutation."""

    __slots__ = ()


class ActionReference(FunctionReference[P, R_co]):
    """Names an action."""

    __slots__ = ()


class ReferenceChain(
    QueryReference[..., Any], MutationReference[..., Any], ActionReference[..., Any]
):
    """A chain of attributes below ``api`` or ``internal``: a module so far, or a function."""

    __slots__ = ()

    def __getattr__(self, name: str) -> ReferenceChain:
        """Return the chain that is one name longer."""
        if name.startswith("__"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return ReferenceChain(*self.__parts__, name, component=self.__component__)


if TYPE_CHECKING:

    class ComponentReference:
        """What ``components.<name>`` is: the root of a component's public functions."""

        def __init__(self, *, component: str) -> None: ...

else:

    class ComponentReference(ReferenceChain):
        """What ``components.<name>`` is: the root of a component's public functions."""

        __slots__ = ()


class ComponentTree:
    """The run-time half of the generated ``components``."""

    __slots__ = ()

    def __getattr__(self, name: str) -> ComponentReference:
        """Return the component mounted under ``name``."""
        if name.startswith("__"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return ComponentReference(component=name)


def reference_path(ref: object, /) -> str:
    """Wire path that a reference names, within its component: ``messages/access:h``.

    Raises:
        InvalidArgumentsError: ``ref`` is no reference, or names a module only.
    """
    if not isinstance(ref, FunctionReference):
        raise InvalidArgumentsError(
            f"{ref!r} is not a function reference: use `api.<module>.<function>`, "
            "`internal.<module>.<function>` or `components.<name>.<module>.<function>` from "
            "`_generated.api`, or a function handle"
        )
    if len(ref.__parts__) < 2:
        raise InvalidArgumentsError(
            f"{ref!r} names a module, not a function: add the function's name"
        )
    return f"{'/'.join(ref.__parts__[:-1])}:{ref.__parts__[-1]}"


def path_parts(path: str, /) -> tuple[str, ...]:
    """The attributes that name the function at a wire path: ``("messages", "access", "h")``."""
    module, _, function = path.rpartition(":")
    return (*module.split("/"), function)


def query_reference(path: str, /) -> Callable[[Callable[P, R]], QueryReference[P, R]]:
    """Type a signature as the reference of the query at ``path``; for generated stubs."""
    return lambda _signature: QueryReference(*path_parts(path))


def mutation_reference(path: str, /) -> Callable[[Callable[P, R]], MutationReference[P, R]]:
    """Type a signature as the reference of the mutation at ``path``; for generated stubs."""
    return lambda _signature: MutationReference(*path_parts(path))


def action_reference(path: str, /) -> Callable[[Callable[P, R]], ActionReference[P, R]]:
    """Type a signature as the reference of the action at ``path``; for generated stubs."""
    return lambda _signature: ActionReference(*path_parts(path))
