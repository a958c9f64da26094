"""The generated ``tables.py``: schema, index keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.emit.backend.ddl import DIALECTS
from convexity_compiler.emit.backend.names import NameScope
from convexity_compiler.emit.backend.rendering import render
from convexity_compiler.emit.backend.validators import import_validators, validator_source
from convexity_compiler.emit.imports import Imports
from convexity_compiler.emit.layout import Atom, Group, Labelled, Node, Text, call, dictionary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convexity_compiler.ir import (
        ComponentIR,
        IndexIR,
        SearchIndexIR,
        TableIR,
        VectorIndexIR,
    )

_RESERVED = frozenset(
    {
        "Any",
        "Index",
        "Int64",
        "Mapping",
        "Path",
        "SCHEMA",
        "Schema",
        "SearchIndex",
        "Table",
        "UNSET",
        "VectorIndex",
        "document",
        "encode_key",
        "integral_number",
        "v",
        "value_at",
    }
)
"""Names that the module uses itself."""


def emit_tables(component: ComponentIR) -> str:
    """Return the text of ``tables.py`` of the application or a component."""
    imports = Imports()
    imports.name("pathlib", "Path")
    imports.name("convexity.database.tables", "Schema")
    import_validators(imports, (table.validator for table in component.tables))
    scope = NameScope(_RESERVED)
    functions: list[dict[str, str | Node]] = []
    tables: list[Node] = []
    for table in component.tables:
        names = [scope.claim(f"{table.name}_{index.name}") for index in table.indexes]
        functions += [
            {"function": name, "key": _key(index, imports)}
            for name, index in zip(names, table.indexes, strict=True)
        ]
        tables.append(_table(table, names, imports, component.path))
    return render(
        "tables.py", imports=imports.text(), indexes=functions, schema=_schema(component, tables)
    )


def _schema(component: ComponentIR, tables: list[Node]) -> Node:
    scripts: dict[str, Node] = {
        dialect: call(
            f'(_FOLDER / "schema.{dialect}.sql").read_text', Labelled("encoding=", Text("utf-8"))
        )
        for dialect in DIALECTS
    }
    return call(
        "Schema",
        Labelled("tables=", tuple_display(tables)),
        Labelled("schema_validation=", Atom(repr(component.schema_validation))),
        Labelled("ddl=", dictionary(scripts)),
    )


def tuple_display(items: Iterable[Node]) -> Node:
    """Return a tuple display, with the comma that a single item needs."""
    nodes = tuple(items)
    if len(nodes) == 1:
        return Group("(", (Labelled("", nodes[0], ","),), ")", trailing_comma=False)
    return Group("(", nodes, ")")


def _key(index: IndexIR, imports: Imports) -> Node:
    imports.name("collections.abc", "Mapping")
    imports.name("typing", "Any")
    parts = [_field(path, imports) for path in index.fields if path != "_creationTime"]
    parts += [Atom('document["_creationTime"]'), Atom('document["_id"]')]
    return call(imports.name("convexity.values.ordering", "encode_key"), tuple_display(parts))


def _field(path: str, imports: Imports) -> Node:
    if "." in path:
        value_at = imports.name("convexity.database.paths", "value_at")
        return call(value_at, Atom("document"), Text(path))
    unset = imports.name("convexity.values", "UNSET")
    return call("document.get", Text(path), Atom(unset))


def _table(table: TableIR, functions: list[str], imports: Imports, component: str) -> Node:
    parts: list[Node] = [
        Labelled("name=", Text(table.name)),
        *((Labelled("component=", Text(component)),) if component else ()),
        Labelled("validator=", validator_source(table.validator)),
        Labelled("storage=", Text(table.storage)),
        Labelled(
            "indexes=",
            tuple_display(
                _index(index, function, imports)
                for index, function in zip(table.indexes, functions, strict=True)
            ),
        ),
    ]
    if table.search_indexes:
        search = (_search_index(index, imports) for index in table.search_indexes)
        parts.append(Labelled("search_indexes=", tuple_display(search)))
    if table.vector_indexes:
        vectors = (_vector_index(index, imports) for index in table.vector_indexes)
        parts.append(Labelled("vector_indexes=", tuple_display(vectors)))
    return call(imports.name("convexity.database.tables", "Table"), *parts)


def _index(index: IndexIR, function: str, imports: Imports) -> Node:
    return call(
        imports.name("convexity.database.tables", "Index"),
        Labelled("name=", Text(index.name)),
        Labelled("fields=", _texts(index.fields)),
        Labelled("storage=", Text(index.storage)),
        Labelled("key=", Atom(function)),
        *_staged(index),
    )


def _search_index(index: SearchIndexIR, imports: Imports) -> Node:
    return call(
        imports.name("convexity.database.tables", "SearchIndex"),
        Labelled("name=", Text(index.name)),
        Labelled("search_field=", Text(index.search_field)),
        Labelled("storage=", Text(index.storage)),
        Labelled("filter_fields=", _texts(index.filter_fields)),
        *_staged(index),
    )


def _vector_index(index: VectorIndexIR, imports: Imports) -> Node:
    return call(
        imports.name("convexity.database.tables", "VectorIndex"),
        Labelled("name=", Text(index.name)),
        Labelled("vector_field=", Text(index.vector_field)),
        Labelled("dimensions=", Atom(repr(index.dimensions))),
        Labelled("storage=", Text(index.storage)),
        Labelled("filter_fields=", _texts(index.filter_fields)),
        *_staged(index),
    )


def _texts(values: tuple[str, ...]) -> Node:
    return tuple_display(Text(value) for value in values)


def _staged(index: IndexIR | SearchIndexIR | VectorIndexIR) -> tuple[Node, ...]:
    return (Labelled("staged=", Atom("True")),) if index.staged else ()
