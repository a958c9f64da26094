"""The indexes of a schema as admin tools list them (``get_indexes``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convexity.database.tables import Schema


def described_indexes(schema: Schema) -> list[dict[str, Any]]:
    """Every declared index; all are filled, since a backend serves only then."""
    found: list[dict[str, Any]] = []
    for table in schema.tables:
        fields_by_name: dict[str, tuple[object, bool]] = {
            **{
                index.name: ([*index.fields, "_creationTime"], index.staged)
                for index in table.indexes
                if index.name != "by_creation_time"
            },
            **{
                index.name: (
                    {"searchField": index.search_field, "filterFields": list(index.filter_fields)},
                    index.staged,
                )
                for index in table.search_indexes
            },
            **{
                index.name: (
                    {
                        "vectorField": index.vector_field,
                        "dimensions": index.dimensions,
                        "filterFields": list(index.filter_fields),
                    },
                    index.staged,
                )
                for index in table.vector_indexes
            },
        }
        found += [
            {
                "table": table.name,
                "name": name,
                "fields": fields,
                "backfill": {"state": "done"},
                "staged": staged,
            }
            for name, (fields, staged) in fields_by_name.items()
        ]
    return found
