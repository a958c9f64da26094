"""``http_router``: the declarations of ``http.py``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, get_args, overload

from convexity.errors import DefinitionError
from convexity.functions.registration import HttpAction

Method: TypeAlias = Literal["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]

_METHODS: Final[tuple[str, ...]] = get_args(Method)


def prefix_problem(prefix: str) -> str | None:
    """What keeps a text from being the beginning of paths; ``None`` if nothing does."""
    if prefix.startswith("/") and prefix.endswith("/"):
        return None
    return "must start and end with a slash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A mounted HTTP action; exactly one of ``path`` and ``path_prefix`` is given."""

    method: Method
    path: str | None = None
    path_prefix: str | None = None
    handler: HttpAction

    @property
    def pattern(self) -> str:
        """What it answers, for people: ``/exact``, or ``/prefix/*``."""
        return f"{self.path_prefix}*" if self.path is None else self.path

    def __str__(self) -> str:
        return f"{self.method} {self.pattern}"


class HttpRouter:
    """Which HTTP action answers which request; GET routes answer HEAD too (wire-protocol 5.2)."""

    __slots__ = ("_routes",)

    def __init__(self) -> None:
        self._routes: dict[tuple[str, str], Route] = {}

    @property
    def routes(self) -> tuple[Route, ...]:
        """All routes in order of declaration."""
        return tuple(self._routes.values())

    @overload
    def route(self, *, path: str, method: Method, handler: HttpAction) -> None: ...
    @overload
    def route(self, *, path_prefix: str, method: Method, handler: HttpAction) -> None: ...
    @overload
    def route(self, *, path: str, method: Method) -> Callable[[HttpAction], HttpAction]: ...
    @overload
    def route(self, *, path_prefix: str, method: Method) -> Callable[[HttpAction], HttpAction]: ...
    def route(
        self,
        *,
        method: Method,
        path: str | None = None,
        path_prefix: str | None = None,
        handler: HttpAction | None = None,
    ) -> Any:
        """Mount an HTTP action, given as ``handler`` or decorated.

        Args:
            method: the HTTP method it answers.
            path: the exact path, starting with a slash.
            path_prefix: all paths that start so; starts and ends with a slash.
            handler: the HTTP action; without it, the result is a decorator.

        Raises:
            DefinitionError: the path, method or handler is invalid, or the route exists.
        """
        if method not in _METHODS:
            raise DefinitionError(f"method={method!r} must be one of {', '.join(_METHODS)}")
        if (path is None) == (path_prefix is None):
            raise DefinitionError("http.route() takes exactly one of path= and path_prefix=")
        if path is not None and not path.startswith("/"):
            raise DefinitionError(f"path={path!r} must start with a slash")
        problem = None if path_prefix is None else prefix_problem(path_prefix)
        if problem is not None:
            raise DefinitionError(f"path_prefix={path_prefix!r} {problem}")
        if handler is not None:
            self._add(method, path, path_prefix, handler)
            return None

        def decorate(decorated: HttpAction) -> HttpAction:
            self._add(method, path, path_prefix, decorated)
            return decorated

        return decorate

    def _add(
        self, method: Method, path: str | None, path_prefix: str | None, handler: HttpAction
    ) -> None:
        route = Route(method=method, path=path, path_prefix=path_prefix, handler=handler)
        if not isinstance(handler, HttpAction):
            raise DefinitionError(
                f"{route} must be answered by an HTTP action, not {handler!r}: "
                "decorate the handler with @http_action"
            )
        if (method, route.pattern) in self._routes:
            raise DefinitionError(f"{route} is declared twice")
        self._routes[method, route.pattern] = route


def http_router() -> HttpRouter:
    """Make a router; bind it to ``http`` in ``http.py``."""
    return HttpRouter()
