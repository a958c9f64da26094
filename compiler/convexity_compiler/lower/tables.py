"""Tables and indexes of the IR."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values.storage_names import view_name

from convexity_compiler.ir import IndexIR, SearchIndexIR, TableIR, VectorIndexIR
from convexity_compiler.lower.physical_names import (
    document_table,
    index_table,
    search_table,
    vector_table,
)

if TYPE_CHECKING:
    from convexity_compiler.link.model import LinkedTable

BY_CREATION_TIME = "by_creation_time"
"""Name of the index that every table has."""


def lower_table(table: LinkedTable, component: str) -> TableIR | None:
    """Return the IR of a table of the component at a path, None when its documents are unknown."""
    validator = table.document.validator
    if validator is None or validator.is_optional:
        return None
    by_creation_time = IndexIR(
        name=BY_CREATION_TIME,
        fields=("_creationTime",),
        storage=index_table(table.name, BY_CREATION_TIME, component),
    )
    declared = tuple(
        IndexIR(
            name=index.name,
            fields=index.fields,
            storage=index_table(table.name, index.name, component),
            staged=index.staged,
        )
        for index in table.indexes
        if index.kind == "index"
    )
    return TableIR(
        name=table.name,
        validator=validator,
        indexes=(by_creation_time, *declared),
        search_indexes=tuple(
            SearchIndexIR(
                name=index.name,
                search_field=index.fields[0],
                filter_fields=index.filter_fields,
                storage=search_table(table.name, index.name, component),
                staged=index.staged,
            )
            for index in table.indexes
            if index.kind == "search"
        ),
        vector_indexes=tuple(
            VectorIndexIR(
                name=index.name,
                vector_field=index.fields[0],
                dimensions=index.dimensions or 0,
                filter_fields=index.filter_fields,
                storage=vector_table(table.name, index.name, component),
                staged=index.staged,
            )
            for index in table.indexes
            if index.kind == "vector"
        ),
        storage=document_table(table.name, component),
        view=view_name(table.name, component),
    )
