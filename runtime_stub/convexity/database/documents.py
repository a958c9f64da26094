"""What a document must be like to be stored in a table, and its stored form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from convexity.database.tables import Document, Table
from convexity.errors import SchemaValidationError
from convexity.values import ObjectValidator, ValidationError, Validator, v
from convexity.values.compiled import compile_validator
from convexity.values.limits import MAX_DOCUMENT_NESTING, MAX_DOCUMENT_SIZE
from convexity.values.sizes import document_size
from convexity.values.validators import (
    ArrayValidator,
    OptionalValidator,
    RecordValidator,
    UnionValidator,
    flatten,
)

SYSTEM_FIELDS = ("_id", "_creationTime")

_SIZE_PER_TEXT = 9 / 4
"""Most bytes that a byte of JSON text can stand for: ``1.0,`` is a number, which counts 9."""


class DocumentCodec:
    """Checks documents of one table and turns them into their stored form."""

    __slots__ = ("_check_names", "_check_nesting", "_compiled", "_table")

    def __init__(
        self, table: Table, table_numbers: Mapping[str, int], *, schema_validation: bool
    ) -> None:
        validator = table.validator if schema_validation else v.any()
        self._table = table.name
        self._compiled = compile_validator(validator, table_numbers)
        self._check_names = not all(
            isinstance(member, ObjectValidator)
            and not any(name.startswith("_") for name in member.fields)
            for member in flatten(validator)
        )
        self._check_nesting = _deepest(validator) > MAX_DOCUMENT_NESTING

    def validate(self, fields: Mapping[str, Any]) -> Document:
        """A checked, normalised copy of a document without its system fields.

        Raises:
            ValidationError: the document does not match the table's validator, or is none.
        """
        document: Document = self._compiled.validate(fields)
        if self._check_names:
            _require_names(document)
        if self._check_nesting and _nesting(document) > MAX_DOCUMENT_NESTING:
            raise ValidationError(
                f"the document is nested deeper than {MAX_DOCUMENT_NESTING} levels: flatten it, "
                "or store the inner parts as documents of their own"
            )
        return document

    def check(self, fields: Mapping[str, Any]) -> Document:
        """Like :meth:`validate`, for a write.

        Raises:
            SchemaValidationError: the document does not match the table's validator, or is none.
        """
        try:
            return self.validate(fields)
        except ValidationError as error:
            raise self._refusal(f"it does not match the schema: {error}") from error

    def to_text(self, document: Document) -> str:
        """The stored text of a checked document with its system fields.

        Raises:
            SchemaValidationError: the document is larger than a stored document may be.
        """
        text = self._compiled.encode(document)
        if len(text) * _SIZE_PER_TEXT > MAX_DOCUMENT_SIZE:
            size = document_size(document)
            if size > MAX_DOCUMENT_SIZE:
                raise self._refusal(
                    f"it is too large ({size} bytes, limit: {MAX_DOCUMENT_SIZE} bytes): store "
                    "large data in file storage, or split it over several documents"
                )
        return text.decode()

    def _refusal(self, reason: str) -> SchemaValidationError:
        return SchemaValidationError(
            f'Failed to insert or update a document in table "{self._table}" because {reason}'
        )


def without_system_fields(
    value: Mapping[str, Any], existing: Mapping[str, Any], operation: str
) -> dict[str, Any]:
    """The fields of a document that the caller may set; system fields must be the existing ones."""
    if not isinstance(value, Mapping):
        raise SchemaValidationError(
            f"{operation} takes the fields of a document as a dict, not {type(value).__name__}"
        )
    fields = dict(value)
    for name in SYSTEM_FIELDS:
        if name in fields and (not existing or fields.pop(name) != existing[name]):
            raise SchemaValidationError(
                f"{operation} cannot set the system field {name!r}: leave it out"
            )
    return fields


def text_size(text: str) -> int:
    """Bytes of a stored document."""
    return len(text) if text.isascii() else len(text.encode())


def _require_names(document: object) -> None:
    if not isinstance(document, dict):
        raise ValidationError(f"a document is an object, not {type(document).__name__}")
    for name in document:
        if name.startswith("_"):
            raise ValidationError(
                f"the field name {name!r} starts with an underscore, which only the system fields "
                "_id and _creationTime may",
                path=f".{name}",
            )


def _nesting(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_nesting, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_nesting, value), default=0)
    return 0


def _deepest(validator: Validator) -> float:
    """Nesting of the deepest value that a validator accepts."""
    match validator:
        case ObjectValidator():
            return 1 + max(map(_deepest, validator.fields.values()), default=0)
        case ArrayValidator():
            return 1 + _deepest(validator.element)
        case RecordValidator():
            return 1 + _deepest(validator.value)
        case OptionalValidator():
            return _deepest(validator.inner)
        case UnionValidator():
            return max(map(_deepest, validator.members))
        case _:
            return float("inf") if validator.kind == "any" else 0
