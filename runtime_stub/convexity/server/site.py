"""The HTTP actions of a deployment: those of the application, and of the components it mounts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from convexity.server.deployed import DeployedComponent
    from convexity.server.http_router import Route


@dataclass(frozen=True, slots=True)
class ServedRoute:
    """A route of the application or of a component, where requests reach it."""

    route: Route
    component: str
    """Path of the component that it belongs to; empty for the application."""
    prefix: str
    """What comes before the paths of the component's routes, ``/counter``; empty for the
    application."""

    @property
    def pattern(self) -> str:
        """What it answers, for people: ``/exact``, or ``/prefix/*``."""
        return f"{self.prefix}{self.route.pattern}"

    def __str__(self) -> str:
        return f"{self.route.method} {self.pattern}"


class Site:
    """Finds the HTTP action that answers a request (wire-protocol 5.2)."""

    def __init__(self, components: Sequence[DeployedComponent]) -> None:
        """Take the application and what it mounts; a component after the one that uses it."""
        application, *mounted = components
        self._root: Final = _Component(application.path, "", application.routes)
        by_path = {"": self._root}
        for component in mounted:
            user = by_path.get(component.path.rpartition("/")[0])
            if user is not None and component.http_prefix is not None:
                prefix = f"{user.prefix}{component.http_prefix.removesuffix('/')}"
                inner = _Component(component.path, prefix, component.routes)
                by_path[component.path] = inner
                user.mount(component.http_prefix, inner)
        self.routes: Final[tuple[ServedRoute, ...]] = tuple(
            route for component in by_path.values() for route in component.routes
        )
        """All that requests can reach; those of a component after those of the one that uses it."""

    def find(self, method: str, path: str) -> ServedRoute | None:
        """The route of a request: that of the very path, else of the longest prefix.

        A prefix may be that of a component, which then answers, or nobody.

        Args:
            method: HTTP method; HEAD is looked up as GET.
            path: Path as received, percent-encoded.
        """
        return self._root.find("GET" if method == "HEAD" else method, path)


class _Component:
    """The routes of one component, and of those that it mounts."""

    def __init__(self, path: str, prefix: str, routes: Sequence[Route]) -> None:
        self.prefix = prefix
        self.routes = tuple(ServedRoute(route, path, prefix) for route in routes)
        self._exact = {(r.route.method, r.route.path): r for r in self.routes if r.route.path}
        self._prefixes: list[tuple[str, ServedRoute | _Component]] = sorted(
            self._own_prefixes(), key=_length, reverse=True
        )

    def mount(self, prefix: str, component: _Component) -> None:
        """Let a component answer below a prefix; the checker refuses a route with the same one."""
        self._prefixes = sorted([(prefix, component), *self._prefixes], key=_length, reverse=True)

    def find(self, method: Any, path: str) -> ServedRoute | None:
        exact = self._exact.get((method, path))
        if exact is not None:
            return exact
        for prefix, answering in self._prefixes:
            if not path.startswith(prefix):
                continue
            if isinstance(answering, _Component):
                return answering.find(method, f"/{path.removeprefix(prefix)}")
            if answering.route.method == method:
                return answering
        return None

    def _own_prefixes(self) -> Iterator[tuple[str, ServedRoute]]:
        for served in self.routes:
            if served.route.path_prefix is not None:
                yield served.route.path_prefix, served


def _length(entry: tuple[str, object]) -> int:
    return len(entry[0])
