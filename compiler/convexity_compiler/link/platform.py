"""Validators that ``convexity.server`` supplies: pagination, and documents of system tables.

The compiler does not import the server package; a test compares these with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity.values import ObjectValidator, UnionValidator, v

if TYPE_CHECKING:
    from convexity.values import Validator

PAGINATION_OPTIONS: Final = v.object(
    numItems=v.number(),
    cursor=v.nullable(v.string()),
    endCursor=v.optional(v.nullable(v.string())),
    id=v.optional(v.number()),
    maximumRowsRead=v.optional(v.number()),
    maximumBytesRead=v.optional(v.number()),
)
"""``pagination_opts_validator`` (wire-protocol 7.3)."""

SYSTEM_TABLES: Final[dict[str, ObjectValidator]] = {
    "_storage": v.object(
        contentType=v.optional(v.nullable(v.string())), sha256=v.string(), size=v.number()
    ),
    "_scheduled_functions": v.object(
        name=v.string(),
        args=v.array(v.any()),
        scheduledTime=v.number(),
        completedTime=v.optional(v.number()),
        state=v.union(
            v.object(kind=v.literal("pending", "inProgress", "success", "canceled")),
            v.object(kind=v.literal("failed"), error=v.string()),
        ),
    ),
}
"""Documents of the system tables without ``_id`` and ``_creationTime``."""


def pagination_result(item: Validator) -> ObjectValidator:
    """``pagination_result_validator(item)`` (wire-protocol 7.3)."""
    return v.object(
        page=v.array(item),
        isDone=v.boolean(),
        continueCursor=v.string(),
        splitCursor=v.optional(v.nullable(v.string())),
        pageStatus=v.optional(
            v.nullable(v.union(v.literal("SplitRecommended"), v.literal("SplitRequired")))
        ),
    )


def with_system_fields(table: str, validator: Validator) -> Validator:
    """A document validator with ``_id`` and ``_creationTime`` first, on every member of a union."""
    if isinstance(validator, UnionValidator):
        return UnionValidator(
            tuple(with_system_fields(table, member) for member in validator.members)
        )
    if isinstance(validator, ObjectValidator):
        system = {"_id": v.id(table), "_creationTime": v.number()}
        return ObjectValidator({**system, **validator.fields})
    return validator
