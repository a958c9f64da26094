"""Which table, index and fields a string in a query stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from convexity_compiler.lsp.scopes import function_around
from convexity_compiler.rules.usage.tables import table_of
from convexity_compiler.rules.usage.values import Query, literal_text
from convexity_compiler.span import Span
from convexity_compiler.summary.expressions import Attribute, Name

if TYPE_CHECKING:
    from convexity_compiler.link.model import LinkedIndex, LinkedTable
    from convexity_compiler.link.project import LinkedProject
    from convexity_compiler.lsp.cursor import AtString, Step

TABLE_METHODS: Final = frozenset({"query", "insert", "normalize_id", "vector_search", "id", "doc"})
"""Methods whose first argument is the name of a table."""
INDEX_KINDS: Final = {
    "with_index": "index",
    "with_search_index": "search",
    "vector_search": "vector",
}
"""Kind of index by the method that names it."""
INDEX_DEFINITIONS: Final = frozenset({"index", "search_index", "vector_index"})
"""Methods that define an index, whose name is their first argument."""
RANGE_METHODS: Final = frozenset({"eq", "gt", "gte", "lt", "lte"})
SEARCH_METHOD: Final = "search"
CREATION_TIME: Final = "_creationTime"


@dataclass(frozen=True, slots=True)
class QueryPlace:
    """A string in a query that names an index or a field."""

    table: LinkedTable
    names_index: bool
    """Whether it names an index; else a field."""
    index: LinkedIndex | None
    """The index chosen before; None for the built-in ones, and where there is none."""
    method: str
    fixed: tuple[str, ...]
    """Fields that earlier steps of the range name."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that may be named here, the one that is due first."""
        if self.index is None:
            return () if CREATION_TIME in self.fixed else (CREATION_TIME,)
        if self.index.kind == "search":
            return self.index.fields if self.method == SEARCH_METHOD else self.index.filter_fields
        fields = (*self.index.fields, CREATION_TIME)
        return tuple(field for field in fields if field not in self.fixed)


def query_at(project: LinkedProject, module: str, text: str, cursor: AtString) -> QueryPlace | None:
    """Return what a string in a chain of query methods names; None for all other strings."""
    method = cursor.method
    is_index = method in INDEX_KINDS
    if cursor.keyword or not (is_index or method in RANGE_METHODS or method == SEARCH_METHOD):
        return None
    if method == "vector_search":
        table = _table(project, cursor.arguments[0]) if len(cursor.arguments) == 1 else None
        return None if table is None else QueryPlace(table, True, None, method, ())
    if cursor.arguments:
        return None
    table, steps = _start(project, module, text, cursor)
    if table is None:
        return None
    index = None
    fixed: list[str] = []
    for name, argument in steps:
        if name in INDEX_KINDS:
            index, fixed = table.index(argument or ""), []
        elif name in RANGE_METHODS and argument is not None:
            fixed.append(argument)
    if is_index:
        return QueryPlace(table, True, None, method, ())
    return QueryPlace(table, False, index, method, tuple(fixed))


def _start(
    project: LinkedProject, module: str, text: str, cursor: AtString
) -> tuple[LinkedTable | None, list[tuple[str, str | None]]]:
    """The table of a query, and its methods with their first arguments."""
    chain = cursor.function[:-1]
    steps = [(step.name, step.string(0)) for step in chain]
    for position, step in enumerate(chain):
        if step.name == "query" and step.strings is not None:
            is_system = position > 0 and chain[position - 1].name == "system"
            table = None if is_system else _table(project, step.string(0))
            return table, steps[position + 1 :]
    held = _held_query(project, module, text, cursor.start, chain)
    if held is None:
        return None, []
    before = [
        (call.function.name, literal_text(call, 0))
        for call in held.calls
        if isinstance(call.function, Attribute)
    ]
    return table_of(project, held), [*before, *steps[1:]]


def _held_query(
    project: LinkedProject, module: str, text: str, offset: int, chain: tuple[Step, ...]
) -> Query | None:
    """The query that the variable at the beginning of a chain holds."""
    if not chain or chain[0].strings is not None:
        return None
    use = function_around(project, module, text, offset)
    if use is None:
        return None
    value = use.scope.value(Name(Span(1, 1, 1, 1), chain[0].name))
    return value if isinstance(value, Query) else None


def _table(project: LinkedProject, name: str | None) -> LinkedTable | None:
    return project.schema.tables.get(name or "") if project.schema is not None else None
