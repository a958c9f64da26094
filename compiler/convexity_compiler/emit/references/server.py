"""``server.pyi``: contexts, database access and registration, typed by the schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.emit.imports import Imports
from convexity_compiler.emit.layout import INDENT, Labelled, layout
from convexity_compiler.emit.names import NameTable
from convexity_compiler.emit.references.database_methods import DatabaseMethods
from convexity_compiler.emit.references.rendering import render
from convexity_compiler.emit.references.stages import StageWriter
from convexity_compiler.emit.references.stub_class import StubClass, overloads, stacked
from convexity_compiler.emit.types import KnownTypes, TypePrinter
from convexity_compiler.type_names import Place, pascal_case

if TYPE_CHECKING:
    from convexity_compiler.ir import EnvironmentVariableIR, ProjectIR

_LIBRARY: Final = {
    "collections.abc": ("Awaitable", "Callable", "Iterable"),
    "convexity.server": (
        "ActionCaller",
        "ActionMeta",
        "Auth",
        "HttpAction",
        "MutationCaller",
        "MutationMeta",
        "Query",
        "QueryCaller",
        "QueryMeta",
        "RegisteredAction",
        "RegisteredMutation",
        "RegisteredQuery",
        "ScheduledFunctionsDoc",
        "Scheduler",
        "StorageActionWriter",
        "StorageDoc",
        "StorageReader",
        "StorageWriter",
        "TransactionLimits",
    ),
    "convexity.values": ("Fields", "Id", "ObjectValidator", "Table", "Validator"),
    "convexity.values.tables": ("DocumentId",),
    "datetime": ("datetime",),
    "starlette.requests": ("Request",),
    "starlette.responses": ("Response",),
    "typing": ("Any", "Concatenate", "Literal", "ParamSpec", "TypeVar", "overload"),
}
"""Names that the template of the stub uses."""

_ANY_TABLE: Final = {
    "query": ["def query(self, table: str, /) -> Query[dict[str, Any]]: ..."],
    "normalize_id": ["def normalize_id(self, table: str, text: str, /) -> Id[Any] | None: ..."],
    "insert": ["async def insert(self, table: str, value: dict[str, Any], /) -> Id[Any]: ..."],
    "patch": ["async def patch(self, document_id: Id[Any], value: dict[str, Any], /) -> None: ..."],
    "replace": [
        "async def replace(self, document_id: Id[Any], value: dict[str, Any], /) -> None: ..."
    ],
    "vector_search": [],
}
"""Signatures for projects that declare no tables, whose documents may be anything."""

_OWN: Final = (
    "ActionCtx",
    "_D",
    "DatabaseReader",
    "DatabaseWriter",
    "Env",
    "MutationCtx",
    "_P",
    "QueryCtx",
    "_R",
    "SystemReader",
)
"""Names that the template of the stub defines."""


def server_stub(ir: ProjectIR, known: KnownTypes) -> str:
    """Print ``server.pyi``.

    Args:
        ir: The project.
        known: The types of the data model, as the other modules of ``_generated`` see them.

    Raises:
        GeneratedNameError: two stages, or a stage and a name of the library, would be called alike.

    """
    return _ServerWriter(ir, known).text()


class _ServerWriter:
    """Prints the parts of the stub that depend on the schema."""

    def __init__(self, ir: ProjectIR, known: KnownTypes) -> None:
        self._ir = ir
        self._imports = Imports(shadowed=_OWN)
        for module, names in _LIBRARY.items():
            for name in names:
                self._imports.name(module, name)
        taken = dict.fromkeys(self._imports.used.union(_OWN), "a name of convexity")
        self._names = NameTable("_generated/server", taken)
        self._printer = TypePrinter(self._imports, self._names, known)

    def text(self) -> str:
        classes: list[StubClass] = []
        tables = self._ir.tables
        methods = {name: [] for name in _ANY_TABLE} if tables else _ANY_TABLE
        for table in tables:
            stages = StageWriter(table, self._names, self._imports, self._printer)
            classes += stages.classes()
            for name, signatures in (
                DatabaseMethods(table, stages, self._printer, self._imports).all().items()
            ):
                methods[name] += signatures
        variables = {variable.name: self._variable(variable) for variable in self._ir.environment}
        return render(
            "server.pyi",
            classes=classes,
            methods={name: overloads(found, self._imports) for name, found in methods.items()},
            variables=variables,
            declarations=stacked(self._printer.declarations),
            imports=self._imports.text(),
        )

    def _variable(self, variable: EnvironmentVariableIR) -> str:
        place = Place(f"Env{pascal_case(variable.name)}", f"env.{variable.name}")
        node = self._printer.annotation(variable.validator, place)
        if variable.validator.is_optional:
            node = self._printer.or_none(node)
        return layout(Labelled(f"{variable.name}: ", node), indent=INDENT)
