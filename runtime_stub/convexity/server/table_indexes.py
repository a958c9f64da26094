"""Indexes as ``define_table(...)`` declares them, and what makes a declaration invalid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from convexity.errors import DefinitionError
from convexity.values import ArrayValidator, ObjectValidator, Validator
from convexity.values.limits import (
    MAX_FIELDS_PER_INDEX,
    MAX_FILTER_FIELDS,
    MAX_INDEXES_PER_TABLE,
    MAX_VECTOR_DIMENSIONS,
    MIN_VECTOR_DIMENSIONS,
)
from convexity.values.names import identifier_problem
from convexity.values.validators import flatten, required

RESERVED_INDEX_NAMES: Final = frozenset({"by_id", "by_creation_time"})
"""Names of the built-in indexes (wire-protocol 7.2)."""


@dataclass(frozen=True, slots=True)
class DeclaredIndex:
    """A database index; its fields are as declared."""

    name: str
    fields: tuple[str, ...]
    staged: bool


@dataclass(frozen=True, slots=True)
class DeclaredSearchIndex:
    """A full-text index."""

    name: str
    search_field: str
    filter_fields: tuple[str, ...]
    staged: bool


@dataclass(frozen=True, slots=True)
class DeclaredVectorIndex:
    """A vector index."""

    name: str
    vector_field: str
    dimensions: int
    filter_fields: tuple[str, ...]
    staged: bool


def check_new_name(name: str, taken: Sequence[str]) -> None:
    """Check the name of an index that is added to a table.

    Raises:
        DefinitionError: it is reserved, invalid or taken, or the table has too many indexes.
    """
    if name in RESERVED_INDEX_NAMES or name.startswith("_"):
        raise DefinitionError(
            f"the index name {name!r} is reserved for built-in indexes: choose another name"
        )
    problem = identifier_problem(name)
    if problem is not None:
        raise DefinitionError(f"the index name {name!r} {problem}")
    if name in taken:
        raise DefinitionError(
            f"the table has two indexes called {name!r}: names are shared by all kinds of indexes"
        )
    if len(taken) >= MAX_INDEXES_PER_TABLE:
        raise DefinitionError(
            f"index {name!r} is one too many: a table has at most {MAX_INDEXES_PER_TABLE}"
        )


def declared_index(
    name: str,
    fields: Iterable[str],
    document: Validator,
    others: Iterable[DeclaredIndex],
    *,
    staged: bool,
) -> DeclaredIndex:
    """The database index of these fields.

    Raises:
        DefinitionError: a field is missing, repeated, reserved or unknown, or the fields are
            those of another index.
    """
    if isinstance(fields, str):
        raise DefinitionError(f"the fields of index {name!r} are a list: write [{fields!r}]")
    columns = tuple(fields)
    if not columns:
        raise DefinitionError(f"index {name!r} has no fields: name at least one")
    if len(columns) > MAX_FIELDS_PER_INDEX:
        raise DefinitionError(
            f"index {name!r} has {len(columns)} fields: at most {MAX_FIELDS_PER_INDEX}"
        )
    for field in columns:
        if field == "_creationTime":
            raise DefinitionError(
                f"index {name!r} lists '_creationTime', which is appended to every index: remove it"
            )
        if field == "_id":
            raise DefinitionError(
                f"index {name!r} lists '_id': load a document by its id with ctx.db.get()"
            )
        _check_field(name, field, document)
    if len(set(columns)) < len(columns):
        raise DefinitionError(f"index {name!r} lists a field twice: {', '.join(columns)}")
    for other in others:
        if other.fields == columns:
            raise DefinitionError(
                f"index {name!r} has the same fields as {other.name!r}: remove one of them"
            )
    return DeclaredIndex(name, columns, staged)


def declared_search_index(
    name: str,
    search_field: str,
    filter_fields: Iterable[str],
    document: Validator,
    others: Iterable[DeclaredSearchIndex],
    *,
    staged: bool,
) -> DeclaredSearchIndex:
    """The full-text index of ``search_field``.

    Raises:
        DefinitionError: a field is unknown, the search field is no string, or the fields are
            those of another search index.
    """
    filters = _filter_fields(name, filter_fields, document)
    _check_field(name, search_field, document)
    kinds = _kinds_at(search_field, document)
    if not kinds & {"string", "any", "opaque"}:
        raise DefinitionError(
            f"search index {name!r}: the search field {search_field!r} must be a v.string()"
        )
    for other in others:
        if (other.search_field, set(other.filter_fields)) == (search_field, set(filters)):
            raise DefinitionError(
                f"search index {name!r} has the same fields as {other.name!r}: remove one of them"
            )
    return DeclaredSearchIndex(name, search_field, filters, staged)


def declared_vector_index(
    name: str,
    vector_field: str,
    dimensions: int,
    filter_fields: Iterable[str],
    document: Validator,
    *,
    staged: bool,
) -> DeclaredVectorIndex:
    """The vector index of ``vector_field``.

    Raises:
        DefinitionError: a field is unknown, the vector field holds no array of numbers, or the
            number of dimensions is out of range.
    """
    filters = _filter_fields(name, filter_fields, document)
    _check_field(name, vector_field, document)
    leaves = _leaves_at(vector_field, document)
    if not any(_may_be_vector(leaf) for leaf in leaves):
        raise DefinitionError(
            f"vector index {name!r}: the vector field {vector_field!r} must be a "
            "v.array(v.number())"
        )
    if (
        isinstance(dimensions, bool)
        or not isinstance(dimensions, int)
        or not MIN_VECTOR_DIMENSIONS <= dimensions <= MAX_VECTOR_DIMENSIONS
    ):
        raise DefinitionError(
            f"vector index {name!r}: dimensions={dimensions!r} must be an integer from "
            f"{MIN_VECTOR_DIMENSIONS} to {MAX_VECTOR_DIMENSIONS}, the length of the vectors that "
            "the embedding model returns"
        )
    return DeclaredVectorIndex(name, vector_field, dimensions, filters, staged)


def _filter_fields(name: str, fields: Iterable[str], document: Validator) -> tuple[str, ...]:
    filters = tuple(fields)
    if len(filters) > MAX_FILTER_FIELDS:
        raise DefinitionError(
            f"index {name!r} has {len(filters)} filter fields: at most {MAX_FILTER_FIELDS}"
        )
    if len(set(filters)) < len(filters):
        raise DefinitionError(f"index {name!r} lists a filter field twice: {', '.join(filters)}")
    for field in filters:
        _check_field(name, field, document)
    return filters


def _check_field(index: str, field: str, document: Validator) -> None:
    if field.startswith("_"):
        raise DefinitionError(
            f"index {index!r} lists {field!r}: fields that start with an underscore are reserved"
        )
    if not _leaves_at(field, document):
        names = sorted({name for leaf in flatten(document) for name in _field_names(leaf)})
        raise DefinitionError(
            f"index {index!r} lists {field!r}, which no document of the table has; "
            f"the fields are {', '.join(map(repr, names)) or 'none'}"
        )


def _field_names(validator: Validator) -> list[str]:
    if not isinstance(validator, ObjectValidator) or validator.kind == "opaque":
        return []
    return list(validator.fields)


def _leaves_at(path: str, document: Validator) -> list[Validator]:
    """The alternatives of the value at a dotted path; empty where no document has it."""
    leaves: list[Validator] = [document]
    for name in path.split("."):
        below: list[Validator] = []
        for leaf in leaves:
            for member in flatten(required(leaf)):
                if member.kind in ("opaque", "any"):
                    below.append(member)
                elif isinstance(member, ObjectValidator) and name in member.fields:
                    below.append(member.fields[name])
        leaves = below
    return [member for leaf in leaves for member in flatten(required(leaf))]


def _kinds_at(path: str, document: Validator) -> set[str]:
    return {leaf.kind for leaf in _leaves_at(path, document)}


def _may_be_vector(leaf: Validator) -> bool:
    if isinstance(leaf, ArrayValidator):
        return any(member.kind in ("number", "any") for member in flatten(leaf.element))
    return leaf.kind in ("any", "opaque")
