"""Names of SQL tables, unique without regard to case and short enough everywhere."""

from __future__ import annotations

from convexity.values.storage_names import component_storage, escaped


def document_table(table: str, component: str = "") -> str:
    """Name of the table that stores the documents of ``table`` of the component at a path."""
    return component_storage(component, f"doc_{escaped(table)}")


def index_table(table: str, index: str, component: str = "") -> str:
    """Name of the table that stores an index."""
    return component_storage(component, f"idx_{escaped(table)}.{escaped(index)}")


def search_table(table: str, index: str, component: str = "") -> str:
    """Name of the table that stores a full-text index.

    SQLite keeps it in further tables, which it names by suffixes such as ``_data``: the dot keeps
    them apart from those of other indexes.
    """
    return component_storage(component, f"idx_{escaped(table)}.{escaped(index)}.words")


def vector_table(table: str, index: str, component: str = "") -> str:
    """Name of the table that stores a vector index."""
    return component_storage(component, f"idx_{escaped(table)}.{escaped(index)}.vectors")
