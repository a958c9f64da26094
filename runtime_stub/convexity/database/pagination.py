"""Types and validators of pages (wire-protocol 7.3)."""

from __future__ import annotations

from typing import Final, Generic, Literal, NotRequired, TypedDict, TypeVar

from convexity.values import ObjectValidator, Validator, v

D = TypeVar("D")


class PaginationOptions(TypedDict):
    """Which page a client wants."""

    numItems: float
    """Size of the page, at least 1."""
    cursor: str | None
    """Where the page starts, exclusive: ``continueCursor`` of the page before; ``None`` first."""
    endCursor: NotRequired[str | None]
    """Where the page ends, inclusive; then ``numItems`` and the two budgets do not matter."""
    id: NotRequired[float]
    """For clients that want a result of their own; without meaning here."""
    maximumRowsRead: NotRequired[float]
    """Most documents to read before filters."""
    maximumBytesRead: NotRequired[float]
    """Most bytes to read before filters."""


class PaginationResult(TypedDict, Generic[D]):
    """A page."""

    page: list[D]
    isDone: bool
    """Whether nothing follows."""
    continueCursor: str
    """Where the next page starts."""
    splitCursor: NotRequired[str | None]
    """Where the page can be split in two."""
    pageStatus: NotRequired[Literal["SplitRecommended", "SplitRequired"] | None]
    """Whether the page should be split, or is incomplete until it is."""


pagination_opts_validator: Final[ObjectValidator] = v.object(
    numItems=v.number(),
    cursor=v.nullable(v.string()),
    endCursor=v.optional(v.nullable(v.string())),
    id=v.optional(v.number()),
    maximumRowsRead=v.optional(v.number()),
    maximumBytesRead=v.optional(v.number()),
)
"""Validator of :class:`PaginationOptions`."""


def pagination_result_validator(item: Validator, /) -> ObjectValidator:
    """Validator of :class:`PaginationResult` with documents of ``item``."""
    return v.object(
        page=v.array(item),
        isDone=v.boolean(),
        continueCursor=v.string(),
        splitCursor=v.optional(v.nullable(v.string())),
        pageStatus=v.optional(
            v.nullable(v.union(v.literal("SplitRecommended"), v.literal("SplitRequired")))
        ),
    )
