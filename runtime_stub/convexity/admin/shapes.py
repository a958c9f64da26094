"""Shapes of tables, inferred from their documents (wire-protocol 9.1, ``shapes2``)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from convexity.database.ranges import HIGHEST, LOWEST
from convexity.database.transaction import Transaction
from convexity.values import Int64
from convexity.values.ids import IdDecodeError, decode_id
from convexity.values.numbers import is_negative_zero

if TYPE_CHECKING:
    from convexity.database.catalog import Catalog
    from convexity.database.engine import Snapshot

SAMPLE: Final = 1000
"""Newest documents of a table that are looked at."""
_MOST_FIELDS: Final = 64
"""Objects whose documents have more different fields than this are seen as records."""
_NEVER: Final[Mapping[str, Any]] = {"type": "Never"}


async def shapes(snapshot: Snapshot, catalog: Catalog, names: Iterable[str]) -> dict[str, Any]:
    """The shape of each table by name, of the newest documents."""
    names_by_number = {number: name for name, number in catalog.table_numbers.items()}
    found: dict[str, Any] = {}
    for name in names:
        table = catalog.table(name)
        rows = await Transaction(snapshot, catalog).scan(
            table, table.indexes["by_creation_time"], LOWEST, HIGHEST, order="desc", limit=SAMPLE
        )
        found[name] = shape_of([row.document for row in rows], names_by_number)
    return found


def shape_of(values: list[Any], tables: Mapping[int, str]) -> Mapping[str, Any]:
    """The narrowest shape that all values have.

    Args:
        values: Convex values; of none, the shape is ``Never``.
        tables: Names of tables by number, to tell ids from other strings.
    """
    by_kind: dict[str, list[Any]] = {}
    for value in values:
        by_kind.setdefault(_kind(value, tables), []).append(value)
    members = [_of_kind(kind, found, tables) for kind, found in sorted(by_kind.items())]
    if not members:
        return _NEVER
    return members[0] if len(members) == 1 else {"type": "Union", "shapes": members}


def _kind(value: Any, tables: Mapping[int, str]) -> str:
    match value:
        case None:
            return "Null"
        case bool():
            return "Boolean"
        case Int64():
            return "Int64"
        case int() | float():
            return "Float64"
        case str():
            return f"Id {table}" if (table := _table_of(value, tables)) else "String"
        case bytes():
            return "Bytes"
        case list():
            return "Array"
        case _:
            return "Object"


def _of_kind(kind: str, values: list[Any], tables: Mapping[int, str]) -> Mapping[str, Any]:
    name, _, table = kind.partition(" ")
    match name:
        case "Id":
            return {"type": "Id", "tableName": table}
        case "Float64":
            special = any(not math.isfinite(v) or is_negative_zero(v) for v in values)
            return {"type": "Float64", "float64Range": {"hasSpecialValues": special}}
        case "Array":
            return {"type": "Array", "shape": shape_of([e for v in values for e in v], tables)}
        case "Object":
            return _object(values, tables)
        case _:
            return {"type": name}


def _object(values: list[dict[str, Any]], tables: Mapping[int, str]) -> Mapping[str, Any]:
    fields: dict[str, list[Any]] = {}
    for value in values:
        for name, field in value.items():
            fields.setdefault(name, []).append(field)
    if len(fields) > _MOST_FIELDS:
        every = [field for found in fields.values() for field in found]
        value_shape = {"optional": False, "shape": shape_of(every, tables)}
        return {"type": "Record", "keyShape": {"type": "String"}, "valueShape": value_shape}
    return {
        "type": "Object",
        "fields": [
            {
                "fieldName": name,
                "optional": len(found) < len(values),
                "shape": shape_of(found, tables),
            }
            for name, found in sorted(fields.items())
        ],
    }


def _table_of(text: str, tables: Mapping[int, str]) -> str | None:
    try:
        return tables.get(decode_id(text).table_number)
    except IdDecodeError:
        return None
