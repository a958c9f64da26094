"""Tables and indexes as the compiler hands them to the runtime (the generated ``tables.py``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from convexity.values import Validator

Document: TypeAlias = dict[str, Any]
"""A document with its system fields ``_id`` and ``_creationTime``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """A database index and the function that computes a document's key in it."""

    name: str
    fields: tuple[str, ...]
    """Declared fields; every index ends implicitly in ``_creationTime`` and ``_id``."""
    storage: str
    """Name of the physical index table."""
    key: Callable[[Mapping[str, Any]], bytes]
    """Memory-comparable key of a document (order of ``wire-protocol`` section 7.1)."""
    staged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchIndex:
    """A full-text index over one string field."""

    name: str
    search_field: str
    storage: str
    """Name of the physical table of its words."""
    filter_fields: tuple[str, ...] = ()
    staged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorIndex:
    """A vector index over one field that holds an array of numbers."""

    name: str
    vector_field: str
    dimensions: int
    storage: str
    """Name of the physical table of its vectors."""
    filter_fields: tuple[str, ...] = ()
    staged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table: validator of its documents, physical storage and indexes."""

    name: str
    validator: Validator
    """Describes a document without its system fields."""
    storage: str
    """Name of the physical document table."""
    indexes: tuple[Index, ...]
    """``by_creation_time`` first, then the declared ones."""
    search_indexes: tuple[SearchIndex, ...] = ()
    vector_indexes: tuple[VectorIndex, ...] = ()
    is_hidden: bool = False
    """Whether the runtime keeps it for itself, so that functions cannot read it."""
    component: str = ""
    """Path of the component that the table belongs to; empty for the application."""

    @property
    def is_system(self) -> bool:
        """Whether it is one of the platform, which functions read through ``db.system``."""
        return self.name.startswith("_")

    @property
    def qualified_name(self) -> str:
        """The name among all tables of a deployment: ``messages``, ``counter/messages``."""
        return f"{self.component}/{self.name}" if self.component else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """All tables of a component and the DDL that creates their storage."""

    tables: tuple[Table, ...]
    schema_validation: bool = True
    """Whether writes are checked against the tables' validators."""
    ddl: Mapping[str, str] = field(default_factory=dict)
    """SQL script by dialect (``sqlite``, ``postgres``); every statement is idempotent."""
