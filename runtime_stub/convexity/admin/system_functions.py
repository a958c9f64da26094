"""System functions: ordinary functions below ``_system/``, which only admins can call.

They run as the project's own functions do, so that admin tools can subscribe to them
(wire-protocol 9.2).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from convexity.functions.contexts import MutationCtx, QueryCtx
from convexity.functions.names import canonical_path, split_path
from convexity.functions.registration import RegisteredFunction
from convexity.functions.registry import Function
from convexity.values import Fields, v

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from convexity.database.tables import Schema
    from convexity.server.http_router import Route

Handler: TypeAlias = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """What system functions tell of the deployment beside its documents."""

    functions: Sequence[Function]
    """The project's own, by module and then in order of definition."""
    routes: Sequence[Route]
    schema: Schema
    has_schema: bool
    """Whether the project declares a schema, even an empty one."""
    components: Mapping[str, Mapping[str, str]]
    """What the application mounts, by path, with the values of its variables."""
    cloud_url: str
    site_url: str


@dataclass(slots=True)
class SystemFunctions:
    """Declarations of system functions, by path."""

    _declared: dict[str, tuple[Literal["query", "mutation"], Fields, Handler]] = field(
        default_factory=dict
    )

    def query(self, path: str, /, **args: Any) -> Callable[[Handler], Handler]:
        """Declare ``async def handler(ctx, deployed, **args)`` as a query."""
        return self._declare("query", path, args)

    def mutation(self, path: str, /, **args: Any) -> Callable[[Handler], Handler]:
        """Declare ``async def handler(ctx, deployed, **args)`` as a mutation."""
        return self._declare("mutation", path, args)

    def _declare(
        self, kind: Literal["query", "mutation"], path: str, args: Fields
    ) -> Callable[[Handler], Handler]:
        def add(handler: Handler) -> Handler:
            self._declared[canonical_path(path)] = (kind, args, handler)
            return handler

        return add

    def bound(self, deployed: Deployed) -> Mapping[str, Function]:
        """The functions of a deployment by path."""
        return {
            path: _function(path, kind, args, handler, deployed)
            for path, (kind, args, handler) in self._declared.items()
        }


def merged(groups: Iterable[SystemFunctions], deployed: Deployed) -> dict[str, Function]:
    """The functions of several groups for a deployment, by path."""
    return {path: one for group in groups for path, one in group.bound(deployed).items()}


def _function(
    path: str,
    kind: Literal["query", "mutation"],
    args: Fields,
    handler: Handler,
    deployed: Deployed,
) -> Function:
    async def run(ctx: QueryCtx | MutationCtx, **arguments: Any) -> Any:
        arguments.pop("componentId", None)  # By it the function of that component was found.
        return await handler(ctx, deployed, **arguments)

    validator = v.object({"componentId": v.optional(v.nullable(v.string())), **args})
    registered: RegisteredFunction[..., Any] = RegisteredFunction(
        run,
        kind=kind,
        visibility="internal",
        args=validator,
        returns=v.any(),
        name=split_path(path)[1],
    )
    return Function(
        path=path,
        registered=registered,
        kind=kind,
        visibility="internal",
        args=validator,
        returns=v.any(),
    )
