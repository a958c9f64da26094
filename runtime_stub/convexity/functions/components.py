"""The components of a deployment: the application and what it mounts, with their catalogs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from convexity.errors import FunctionNotFoundError
from convexity.functions.catalog import Catalog
from convexity.functions.handles import HandleCodec, Target
from convexity.functions.references import FunctionReference, reference_path

if TYPE_CHECKING:
    from convexity.database.catalog import Catalog as DatabaseCatalog
    from convexity.functions.catalog import CompiledFunction
    from convexity.functions.registry import Function, FunctionKind


class Component:
    """The application, or a component at one place where it is mounted."""

    __slots__ = ("_components", "database", "environment", "functions", "mounts", "path", "system")

    _components: Components

    def __init__(
        self,
        path: str,
        functions: Iterable[Function],
        database: DatabaseCatalog,
        *,
        environment: Mapping[str, str] | None = None,
        system: Iterable[Function] = (),
    ) -> None:
        """Take what was compiled.

        Args:
            path: Names of the mounts that lead to it, ``outer/inner``; empty for the application.
            functions: Its functions.
            database: Its tables.
            environment: Values of its variables; ``None``: those stored, and of the process.
            system: System functions that tell of it; no function can call them.
        """
        self.path: Final = path
        self.functions: Final = Catalog(functions, self, database.table_numbers)
        self.system: Final = Catalog(system, self, database.table_numbers)
        self.database: Final = database
        self.environment: Final = environment
        self.mounts: Final[dict[str, Component]] = {}
        """What it mounts, by name."""

    @property
    def is_application(self) -> bool:
        """Whether it is the application itself."""
        return not self.path

    def __repr__(self) -> str:
        return f"<component {self.path}>" if self.path else "<application>"

    def resolve(self, ref: object, *, kind: FunctionKind | None = None) -> CompiledFunction:
        """The function that a reference, or a handle, of one of its functions names.

        Args:
            ref: what the function was given.
            kind: the kind it expects; ``None`` takes any.

        Raises:
            InvalidArgumentsError: it is no reference.
            InvalidHandleError: it is a string, but no handle.
            FunctionNotFoundError: there is no such function, or it may not be called from here.
            FunctionKindError: it is of another kind.
        """
        if isinstance(ref, str):
            target = self._components.handles.decode(ref)
            component = self._components.find(target.component)
            return component.functions.find(target.function, kind=kind, allow_internal=True)
        path = reference_path(ref)
        mount = ref.__component__ if isinstance(ref, FunctionReference) else None
        if mount is None:
            return self.functions.find(path, kind=kind, allow_internal=True)
        if mount not in self.mounts:
            known = ", ".join(sorted(self.mounts)) or "none"
            user = f"component {self.path!r}" if self.path else "the application"
            raise FunctionNotFoundError(
                f"there is no component {mount!r} in {user}; its components are: {known}"
            )
        return self.mounts[mount].functions.find(path, kind=kind, allow_internal=False)

    def handle(self, ref: object) -> str:
        """The handle of the function that a reference names; raises what :meth:`resolve` does."""
        compiled = self.resolve(ref)
        target = Target(compiled.component.path, compiled.function.path)
        return self._components.handles.encode(target)

    def named(self, name: str) -> CompiledFunction:
        """The function that :meth:`name_of` gave a name.

        Raises:
            FunctionNotFoundError: there is none any more.
        """
        path, separator, function = name.rpartition(";")
        component = self._components.find(path) if separator else self
        return component.functions.find(function, kind=None, allow_internal=True)

    def knows(self, name: str) -> bool:
        """Whether :meth:`named` finds a function."""
        try:
            self.named(name)
        except FunctionNotFoundError:
            return False
        return True

    def name_of(self, compiled: CompiledFunction) -> str:
        """How rows of this component name a function: by its path, and one of another component
        by that of the component too, ``counter;lib:tick``; the application's is empty."""
        path = compiled.function.path
        return path if compiled.component is self else f"{compiled.component.path};{path}"


class Components:
    """All components of a deployment."""

    __slots__ = ("_by_path", "application", "handles")

    def __init__(
        self, application: Component, mounted: Sequence[Component] = (), *, secret: bytes
    ) -> None:
        """Put the components together.

        Args:
            application: The application.
            mounted: What is mounted, however deep; a component after the one that uses it.
            secret: That of the database, which proves where function handles come from.
        """
        self.application: Final = application
        self.handles: Final = HandleCodec(secret)
        self._by_path: Final = {component.path: component for component in (application, *mounted)}
        for component in self:
            component._components = self
            user, _, name = component.path.rpartition("/")
            if name:
                self._by_path[user].mounts[name] = component

    def __iter__(self) -> Iterator[Component]:
        return iter(self._by_path.values())

    @property
    def by_path(self) -> Mapping[str, Component]:
        """All of them; the application has the empty path."""
        return MappingProxyType(self._by_path)

    def find(self, path: str) -> Component:
        """The component at a path.

        Raises:
            FunctionNotFoundError: nothing is mounted there.
        """
        component = self._by_path.get(path)
        if component is None:
            known = ", ".join(filter(None, self._by_path)) or "none"
            raise FunctionNotFoundError(
                f"no component is mounted at {path!r}; mounted are: {known}"
            )
        return component
