"""Methods of ``ctx`` and ``ctx.db`` that have one signature per table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.emit.layout import INDENT, Alternatives, Atom, Node, subscript
from convexity_compiler.emit.references.tables import table_name
from convexity_compiler.emit.signature import function, parameter

if TYPE_CHECKING:
    from convexity_compiler.emit.imports import Imports
    from convexity_compiler.emit.references.stages import StageWriter
    from convexity_compiler.emit.types import TypePrinter
    from convexity_compiler.ir import TableIR, VectorIndexIR

_SELF: Final = Atom("self")
_POSITIONAL: Final = Atom("/")
_NONE: Final = Atom("None")


class DatabaseMethods:
    """Prints the signatures for one table."""

    def __init__(
        self, table: TableIR, stages: StageWriter, printer: TypePrinter, imports: Imports
    ) -> None:
        self._table = table
        self._stages = stages
        self._printer = printer
        self._imports = imports
        self._stem = table_name(table)
        self._name = parameter("table", stages.literal(table.name))
        self._id = printer.id_of(table.name)

    def all(self) -> dict[str, list[str]]:
        """Signatures by name of the method; only ``vector_search`` may have none, or several."""
        fields, patch, document = (
            Atom(self._printer.known_name(f"{self._stem}{suffix}"))
            for suffix in ("Fields", "Patch", "Doc")
        )
        return {
            "query": [self._query()],
            "normalize_id": [self._normalize_id()],
            "insert": [self._insert(fields)],
            "patch": [self._write("patch", patch)],
            "replace": [self._write("replace", Alternatives((fields, document)))],
            "vector_search": [
                self._vector_search(index)
                for index in self._table.vector_indexes
                if not index.staged
                if not index.staged
            ],
        }

    def _query(self) -> str:
        returns = Atom(self._stages.query_class)
        return function("query", [_SELF, self._name, _POSITIONAL], returns, indent=INDENT)

    def _normalize_id(self) -> str:
        text = parameter("text", self._builtin("str"))
        returns = Alternatives((self._id, _NONE))
        parameters: list[Node] = [_SELF, self._name, text, _POSITIONAL]
        return function("normalize_id", parameters, returns, indent=INDENT)

    def _insert(self, fields: Node) -> str:
        parameters: list[Node] = [_SELF, self._name, parameter("value", fields), _POSITIONAL]
        return function("insert", parameters, self._id, indent=INDENT, is_async=True)

    def _write(self, method: str, value: Node) -> str:
        parameters: list[Node] = [
            _SELF,
            parameter("id", self._id),
            parameter("value", value),
            _POSITIONAL,
        ]
        return function(method, parameters, _NONE, indent=INDENT, is_async=True)

    def _vector_search(self, index: VectorIndexIR) -> str:
        list_ = self._imports.builtin("list")
        parameters: list[Node] = [
            _SELF,
            self._name,
            parameter("index", self._stages.literal(index.name)),
            _POSITIONAL,
            Atom("*"),
            parameter("vector", subscript(list_, self._builtin("float"))),
            parameter("limit", self._builtin("int"), "10"),
        ]
        conditions = tuple(self._condition(field) for field in index.filter_fields)
        if conditions:
            condition = conditions[0] if len(conditions) == 1 else Alternatives(conditions)
            parameters.append(parameter("any_of", subscript(list_, condition), "..."))
        result = self._imports.name("convexity.server", "VectorSearchResult")
        returns = subscript(list_, subscript(result, self._id))
        return function("vector_search", parameters, returns, indent=INDENT, is_async=True)

    def _condition(self, field: str) -> Node:
        pair = (self._stages.literal(field), self._stages.types.field(field))
        return subscript(self._imports.builtin("tuple"), *pair)

    def _builtin(self, name: str) -> Node:
        return Atom(self._imports.builtin(name))
