"""The backend IR: what a project means, with every name resolved and every validator evaluated.

``lower`` produces it, ``emit`` and ``convexity ir`` read it. All of it is immutable; modules are
sorted by path, functions and fields keep their order of definition, so equal projects give equal
IR whatever the order of files on disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from convexity.values import ObjectValidator, Validator

from convexity_compiler.http_methods import HttpMethod

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT_VERSION = 1
"""Version of the IR and of the generated files; raised when either changes its shape."""

FunctionKind: TypeAlias = Literal["query", "mutation", "action"]
Visibility: TypeAlias = Literal["public", "internal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexIR:
    """A database index on ``fields``, which ``_creationTime`` and ``_id`` follow implicitly."""

    name: str
    fields: tuple[str, ...]
    storage: str
    """Name of the physical index table, unique without regard to case, at most 63 bytes."""
    staged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchIndexIR:
    """A full-text index over one string field."""

    name: str
    search_field: str
    filter_fields: tuple[str, ...]
    storage: str
    """Name of the physical table of its words, like that of an index."""
    staged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorIndexIR:
    """A vector index over one field that holds an array of numbers."""

    name: str
    vector_field: str
    dimensions: int
    filter_fields: tuple[str, ...]
    storage: str
    """Name of the physical table of its vectors, like that of an index."""
    staged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableIR:
    """A table of the schema; ``validator`` describes a document without its system fields."""

    name: str
    validator: Validator
    indexes: tuple[IndexIR, ...]
    """``by_creation_time``, then the declared ones in order of definition."""
    search_indexes: tuple[SearchIndexIR, ...] = ()
    vector_indexes: tuple[VectorIndexIR, ...] = ()
    storage: str
    """Name of the physical document table, unique without regard to case, at most 63 bytes."""
    view: str
    """Name of the SQL view that shows the documents with typed columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionIR:
    """A registered function."""

    path: str
    """Wire path without extension, ``messages/access:h``."""
    module: str
    """Module path relative to the functions folder, with slashes: ``messages/access``."""
    name: str
    """Wire name, the last part of ``path``."""
    definition: str
    """Name of the Python function in its module; differs from ``name`` when ``name=`` was given."""
    kind: FunctionKind
    visibility: Visibility
    runtime: Literal["server", "process"] = "server"
    args: ObjectValidator
    """Number validators are integral where the handler's annotation says ``int``."""
    returns: Validator
    docstring: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRouteIR:
    """A route of ``http.py``; exactly one of ``path`` and ``path_prefix`` is given."""

    method: HttpMethod
    path: str | None
    path_prefix: str | None
    module: str
    definition: str
    """Module and name of the HTTP action that answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CronIR:
    """A cron job of ``crons.py``."""

    name: str
    schedule: Literal["interval", "cron"]
    seconds: float | None
    """Length of the interval in seconds, for ``interval``."""
    expression: str | None
    """Cron expression in UTC, for ``cron``."""
    component: str | None = None
    """Name of the mounted component that has the function; None for a function of its own."""
    function: str
    """Wire path of the function that runs."""
    args: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentVariableIR:
    """A variable declared with ``define_app(env=...)``."""

    name: str
    validator: Validator


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleIR:
    """A module of the functions folder that holds functions."""

    path: str
    functions: tuple[FunctionIR, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentIR:
    """The application, or a component at one place where it is mounted."""

    path: str
    """Names of the mounts that lead to it, ``outer/inner``; empty for the application."""
    functions_folder: str
    """Folder of its modules with slashes, relative to what imports start from: the project root, or
    the folder where packages are installed."""
    has_config: bool
    """Whether it has a ``convex_config.py``."""
    tables: tuple[TableIR, ...]
    schema_validation: bool
    has_schema: bool
    modules: tuple[ModuleIR, ...]
    crons: tuple[CronIR, ...]
    environment: tuple[EnvironmentVariableIR, ...]
    components: tuple[MountIR, ...]
    """What it uses, by name."""
    routes: tuple[HttpRouteIR, ...]
    python_modules: tuple[str, ...]
    """Paths of every user module below the functions folder, ``messages/access.py``, sorted."""

    @property
    def functions(self) -> tuple[FunctionIR, ...]:
        """All functions, by module path and then in order of definition."""
        return tuple(function for module in self.modules for function in module.functions)

    def mounted(self) -> Iterator[MountIR]:
        """Yield what it uses, however deep; a component after the one that uses it."""
        for mount in self.components:
            yield mount
            if mount.component is not None:
                yield from mount.component.mounted()


@dataclass(frozen=True, slots=True, kw_only=True)
class MountIR:
    """A component in use, ``app.use(component, name=...)``."""

    name: str
    source: str
    """Dotted import path of the component definition."""
    is_local: bool
    """Whether it lies in the functions folder of the project, and so is imported by its name."""
    http_prefix: str | None
    """Below which paths its routes answer; None for nowhere."""
    component: ComponentIR | None
    """None when it cannot be found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectIR(ComponentIR):
    """A whole project."""

    format_version: int = FORMAT_VERSION
    name: str
    """Name of the project: ``[project].name``, else the name of its folder."""
    component_name: str | None
    """Name that it gives itself, when it is a component for others to use."""
    has_auth: bool
    dependencies: tuple[str, ...]
    """The project's own requirements, copied to the backend's ``requirements.txt``."""
