"""Recognition of the validators of pages (``wire-protocol`` 7.3), which have generic types."""

from __future__ import annotations

from typing import Final

from convexity.values import ArrayValidator, ObjectValidator, Validator, v

_OPTIONS: Final = v.object(
    numItems=v.number(),
    cursor=v.nullable(v.string()),
    endCursor=v.optional(v.nullable(v.string())),
    id=v.optional(v.number()),
    maximumRowsRead=v.optional(v.number()),
    maximumBytesRead=v.optional(v.number()),
)
_RESULT: Final = v.object(
    isDone=v.boolean(),
    continueCursor=v.string(),
    splitCursor=v.optional(v.nullable(v.string())),
    pageStatus=v.optional(v.nullable(v.literal("SplitRecommended", "SplitRequired"))),
)


def is_pagination_options(shape: ObjectValidator) -> bool:
    """Whether ``shape`` is ``pagination_opts_validator``."""
    return shape == _OPTIONS


def paginated_item(shape: ObjectValidator) -> Validator | None:
    """Validator of the documents of a page; None where ``shape`` describes no page."""
    page = shape.fields.get("page")
    if isinstance(page, ArrayValidator) and shape.omit("page") == _RESULT:
        return page.element
    return None
