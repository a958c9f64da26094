"""SQL of a project's tables, indexes and views for each database, from one definition.

The row store and the index tables hold what ``convexity.database`` reads and writes; the views
show the documents with typed columns to any other SQL tool.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from convexity.database.postgres.text_search import text_storage
from convexity.database.postgres.vector_search import vector_storage
from convexity.values import LiteralValidator, ObjectValidator
from convexity.values.validators import flatten, required
from sqlglot import exp, parse_one

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from convexity.values import Validator

    from convexity_compiler.ir import ComponentIR, TableIR

Dialect: TypeAlias = Literal["sqlite", "postgres"]
ColumnType: TypeAlias = Literal["text", "number", "boolean", "json"]

DIALECTS: tuple[Dialect, ...] = ("sqlite", "postgres")
_INDEX_OPTIONS: dict[Dialect, str] = {"sqlite": " WITHOUT ROWID", "postgres": ""}
_POSITION_TYPES: dict[Dialect, str] = {"sqlite": "integer", "postgres": "bigint"}
_ID_ORDER: dict[Dialect, tuple[exp.ColumnConstraintKind, ...]] = {
    "sqlite": (),
    "postgres": (exp.CollateColumnConstraint(this=exp.to_identifier("C", quoted=True)),),
}
"""Orders ids by their bytes, whatever the language of the database."""
_COLUMN_TYPES: dict[str, ColumnType] = {
    "id": "text",
    "string": "text",
    "number": "number",
    "boolean": "boolean",
}
_LITERAL_COLUMN_TYPES: dict[type, ColumnType] = {
    str: "text",
    int: "number",
    float: "number",
    bool: "boolean",
}
_BLOCK_BYTES = 2**18
"""Vectors that ``vec0`` stores together: a block is read at once, and takes its room when its first
vector comes."""
_FLOAT_BYTES = 4
_MOST_IN_A_BLOCK = 1024
_POSTGRES_TYPES: dict[ColumnType, str] = {"number": "double", "boolean": "boolean"}


def schema_statements(component: ComponentIR, dialect: Dialect) -> Iterator[str]:
    """Yield the statements that create the storage of a component; each may be run again."""
    for table in component.tables:
        yield _row_store(table, dialect).sql(dialect, pretty=True, identify=True)
        for index in table.indexes:
            create = _index_store(index.storage, dialect).sql(dialect, pretty=True, identify=True)
            yield create + _INDEX_OPTIONS[dialect]
        yield from _SEARCH_STORES[dialect](table)
        for statement in _view(table, dialect):
            yield statement.sql(dialect, pretty=True, identify=True)


def _row_store(table: TableIR, dialect: Dialect) -> exp.Create:
    """Return the table of the documents; their positions are what indexes store.

    Looking a document up by its position takes half the time that its id would take.
    """
    return _create_table(
        table.storage,
        _column("position", _POSITION_TYPES[dialect], exp.PrimaryKeyColumnConstraint()),
        _column(
            "_id",
            "text",
            *_ID_ORDER[dialect],
            exp.NotNullColumnConstraint(),
            exp.UniqueColumnConstraint(),
        ),
        _column("_creationTime", "double", exp.NotNullColumnConstraint()),
        _column("doc", "text", exp.NotNullColumnConstraint()),
    )


def _index_store(name: str, dialect: Dialect) -> exp.Create:
    """Return the table of an index.

    A B-tree of PostgreSQL takes keys up to a third of a page only: what a longer one has beyond
    that is the "tail", which the index does not hold.
    """
    if dialect == "postgres":
        return _create_table(
            name,
            _column("key", "varbinary", exp.NotNullColumnConstraint()),
            _column("position", "bigint", exp.NotNullColumnConstraint()),
            _column("tail", "varbinary"),
            exp.PrimaryKey(expressions=[exp.to_identifier("key"), exp.to_identifier("position")]),
        )
    return _create_table(
        name,
        _column("key", "varbinary", exp.PrimaryKeyColumnConstraint()),
        _column("position", _POSITION_TYPES[dialect], exp.NotNullColumnConstraint()),
    )


def _sqlite_search_stores(table: TableIR) -> Iterator[str]:
    """Yield what creates search and vector indexes in SQLite."""
    for search in table.search_indexes:
        yield (
            f"CREATE VIRTUAL TABLE IF NOT EXISTS {_quoted(search.storage)} USING fts5(words, "
            "filters, content='', contentless_delete=1, tokenize='ascii')"
        )
    for vector in table.vector_indexes:
        yield (
            f"CREATE VIRTUAL TABLE IF NOT EXISTS {_quoted(vector.storage)} USING vec0(position "
            f"integer primary key, vector float[{vector.dimensions}] distance_metric=cosine, "
            f"chunk_size={_block_length(vector.dimensions)})"
        )
        if not vector.filter_fields:
            continue
        filtered = f"{vector.storage}.filtered"
        filters = [f"filter_{number}" for number in range(len(vector.filter_fields))]
        yield _create_table(
            filtered,
            _column("position", "integer", exp.PrimaryKeyColumnConstraint()),
            *(_column(name, "varbinary", exp.NotNullColumnConstraint()) for name in filters),
            _column("vector", "varbinary", exp.NotNullColumnConstraint()),
        ).sql("sqlite", pretty=True, identify=True)
        for name in filters:
            yield (
                f"CREATE INDEX IF NOT EXISTS {_quoted(f'{filtered}.{name}')} "
                f"ON {_quoted(filtered)} ({_quoted(name)})"
            )


def _postgres_search_stores(table: TableIR) -> Iterator[str]:
    """Yield what creates search and vector indexes in PostgreSQL."""
    for search in table.search_indexes:
        yield from text_storage(search.storage)
    for vector in table.vector_indexes:
        yield from vector_storage(vector.storage, vector.dimensions, len(vector.filter_fields))


_SEARCH_STORES: dict[Dialect, Callable[[TableIR], Iterator[str]]] = {
    "sqlite": _sqlite_search_stores,
    "postgres": _postgres_search_stores,
}


def _block_length(dimensions: int) -> int:
    """Return how many vectors lie together, a multiple of 8: as many as fill a block."""
    fitting = _BLOCK_BYTES // (_FLOAT_BYTES * dimensions) // 8 * 8
    return min(max(8, fitting), _MOST_IN_A_BLOCK)


def _quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql("sqlite")


def _table(name: str) -> exp.Table:
    return exp.Table(this=exp.to_identifier(name, quoted=True))


def _create_table(name: str, *columns: exp.ColumnDef | exp.PrimaryKey) -> exp.Create:
    schema = exp.Schema(this=_table(name), expressions=list(columns))
    return exp.Create(this=schema, kind="TABLE", exists=True)


def _column(name: str, kind: str, *constraints: exp.ColumnConstraintKind) -> exp.ColumnDef:
    return exp.ColumnDef(
        this=exp.to_identifier(name),
        kind=exp.DataType.build(kind),
        constraints=[exp.ColumnConstraint(kind=constraint) for constraint in constraints],
    )


def _view(table: TableIR, dialect: Dialect) -> Iterator[exp.Expr]:
    columns: list[exp.Expr] = [exp.column("_id"), exp.column("_creationTime")]
    columns += [
        exp.alias_(_field(name, column_type, dialect), name)
        for name, column_type in _columns(table.validator).items()
    ]
    # PostgreSQL would drop one of that name in any schema of its search path.
    is_dropped = dialect == "sqlite"
    if is_dropped:
        yield _drop_view(table.view)
    yield exp.Create(
        this=_table(table.view),
        kind="VIEW",
        replace=not is_dropped,
        expression=exp.select(*columns).from_(_table(table.storage)),
    )


def _drop_view(name: str) -> exp.Expr:
    statement = parse_one("DROP VIEW IF EXISTS placeholder")
    return statement.transform(lambda node: _table(name) if isinstance(node, exp.Table) else node)


def _columns(document: Validator) -> dict[str, ColumnType]:
    """Return the columns of a view: the fields of all members of a union of objects."""
    columns: dict[str, ColumnType] = {}
    for member in flatten(document):
        if isinstance(member, ObjectValidator):
            for name, field in member.fields.items():
                column_type = _column_type(required(field))
                columns[name] = (
                    column_type if columns.get(name, column_type) == column_type else "json"
                )
    return columns


def _column_type(validator: Validator) -> ColumnType:
    types: set[ColumnType] = set()
    for member in flatten(validator):
        if isinstance(member, LiteralValidator):
            types.add(_LITERAL_COLUMN_TYPES.get(type(member.value), "json"))
        elif member.kind != "null":
            types.add(_COLUMN_TYPES.get(member.kind, "json"))
    return types.pop() if len(types) == 1 else "json"


def _field(name: str, column_type: ColumnType, dialect: Dialect) -> exp.Expr:
    """Return the expression that reads one field from the document's text.

    Special floats are objects in the encoding (``wire-protocol`` 1.1): PostgreSQL, whose columns
    have one type, shows them as NULL, SQLite as their JSON text.
    """
    path = exp.JSONPath(expressions=[exp.JSONPathRoot(), exp.JSONPathKey(this=name)])
    document: exp.Expr = exp.column("doc")
    if dialect == "postgres":
        document = exp.cast(document, "json")
    if column_type == "json":
        return exp.JSONExtract(this=document, expression=path)
    text = exp.JSONExtractScalar(this=document, expression=path)
    if dialect == "sqlite" or column_type == "text":
        return text
    json_type = exp.func(
        "json_typeof", exp.JSONExtract(this=document.copy(), expression=path.copy())
    )
    typed = exp.cast(text, _POSTGRES_TYPES[column_type])
    return exp.case().when(json_type.eq(column_type), typed)
