"""Query classes of a table (``language.md`` section 4, ``_generated.server``).

A stage of an index is reached after some of its fields are fixed; it is a query itself, so that
a range may end anywhere, and offers exactly what may follow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.emit.layout import INDENT, Atom, Node, subscript
from convexity_compiler.emit.literals import python_literal
from convexity_compiler.emit.names import NameTable
from convexity_compiler.emit.references.field_types import FieldTypes
from convexity_compiler.emit.references.stub_class import StubClass, overloads, stub_class
from convexity_compiler.emit.references.tables import table_name
from convexity_compiler.emit.signature import function, parameter
from convexity_compiler.type_names import pascal_case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.emit.imports import Imports
    from convexity_compiler.emit.types import TypePrinter
    from convexity_compiler.ir import IndexIR, SearchIndexIR, TableIR

_CREATION_TIME: Final = "_creationTime"
_IMPLICIT: Final = (_CREATION_TIME, "_id")
"""Fields that every index ends in; a range can fix the first of them."""
_LOWER: Final = ("gt", "gte")
_UPPER: Final = ("lt", "lte")


class StageWriter:
    """Prints the query classes of one table."""

    def __init__(
        self, table: TableIR, names: NameTable, imports: Imports, printer: TypePrinter
    ) -> None:
        self._table = table
        self._stem = table_name(table)
        self._names = names
        self._imports = imports
        self.types = FieldTypes(table, printer)
        """Annotations of the table's fields."""
        self.query_class = f"{self._stem}Query"
        """Name of what ``db.query(...)`` returns."""

    def classes(self) -> Iterator[StubClass]:
        """All of them, those first that others refer to.

        Raises:
            GeneratedNameError: the name of one is taken.

        """
        table = self._table
        self._names.claim(self.query_class, f"queries of table `{table.name}`")
        indexes = [index for index in table.indexes if not index.staged]
        searches = [index for index in table.search_indexes if not index.staged]
        for index in indexes:
            yield from self._index(index)
        for search in searches:
            yield from self._search(search)
        methods = [
            *overloads([self._with("with_index", index) for index in indexes], self._imports),
            *overloads(
                [self._with("with_search_index", search) for search in searches], self._imports
            ),
        ]
        yield stub_class(self.query_class, self._query(), methods)

    def literal(self, text: str) -> Node:
        """``Literal["text"]``."""
        return subscript(self._imports.name("typing", "Literal"), Atom(python_literal(text)))

    def _with(self, method: str, index: IndexIR | SearchIndexIR) -> str:
        name = parameter("name", self.literal(index.name))
        returns = Atom(self._first_stage(index))
        return function(method, [Atom("self"), name, Atom("/")], returns, indent=INDENT)

    def _index(self, index: IndexIR) -> Iterator[StubClass]:
        first = self._first_stage(index)
        following: Node = self._query()
        fields = [*(field for field in index.fields if field not in _IMPLICIT), _CREATION_TIME]
        for fixed, field in reversed(list(enumerate(fields))):
            name = self._claim(f"{first}_{fixed}" if fixed else first, index)
            upper = self._claim(f"{name}_upper", index)
            ends = [self._bound(method, field, self._query()) for method in _UPPER]
            yield stub_class(upper, self._query(), ends)
            starts = [self._bound(method, field, Atom(upper)) for method in _LOWER]
            members = [self._bound("eq", field, following), *starts, *ends]
            yield stub_class(name, self._query(), members)
            following = Atom(name)

    def _search(self, index: SearchIndexIR) -> Iterator[StubClass]:
        """The stage before ``search()``, which is no query, and the one after."""
        name = self._claim(self._first_stage(index), index)
        filters = self._claim(f"{name}Filter", index)
        ordered = self._imports.name("convexity.server", "OrderedQuery")
        bounds = [self._bound("eq", field, Atom(filters)) for field in index.filter_fields]
        yield stub_class(
            filters, subscript(ordered, self.types.document), overloads(bounds, self._imports)
        )
        parameters: list[Node] = [
            Atom("self"),
            parameter("field", self.literal(index.search_field)),
            parameter("text", Atom(self._imports.builtin("str"))),
            Atom("/"),
        ]
        yield stub_class(name, None, [function("search", parameters, Atom(filters), indent=INDENT)])

    def _bound(self, method: str, field: str, returns: Node) -> str:
        parameters: list[Node] = [
            Atom("self"),
            parameter("field", self.literal(field)),
            parameter("value", self.types.field(field)),
            Atom("/"),
        ]
        return function(method, parameters, returns, indent=INDENT)

    def _query(self) -> Node:
        return subscript(self._imports.name("convexity.server", "Query"), self.types.document)

    def _first_stage(self, index: IndexIR | SearchIndexIR) -> str:
        """Name of the first stage of an index: ``MessagesByChannel``."""
        return f"{self._stem}{pascal_case(index.name)}"

    def _claim(self, name: str, index: IndexIR | SearchIndexIR) -> str:
        return self._names.claim(name, f"index `{index.name}` of table `{self._table.name}`")
