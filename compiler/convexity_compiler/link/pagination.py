"""Recognition of the validators of pages (``wire-protocol`` 7.3), which have generic types."""

from __future__ import annotations

from convexity.values import ArrayValidator, ObjectValidator, Validator

from convexity_compiler.link.platform import PAGINATION_OPTIONS, pagination_result


def is_pagination_options(shape: ObjectValidator) -> bool:
    """Whether ``shape`` is ``pagination_opts_validator``."""
    return shape == PAGINATION_OPTIONS


def paginated_item(shape: ObjectValidator) -> Validator | None:
    """Validator of the documents of a page; None where ``shape`` describes no page."""
    page = shape.fields.get("page")
    if isinstance(page, ArrayValidator) and shape == pagination_result(page.element):
        return page.element
    return None
