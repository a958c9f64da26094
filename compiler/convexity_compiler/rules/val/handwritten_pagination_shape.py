"""VAL016."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity.values import ObjectValidator

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.pagination import is_pagination_options, paginated_item
from convexity_compiler.link.platform import PAGINATION_OPTIONS, pagination_result
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.writing.names import SERVER, Names, UnwritableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject, ValidatorUse

_OPTIONS: Final = "pagination_opts_validator"


class HandwrittenPaginationShape(Rule):
    """The options or the result of a page are described by hand.

    ## What it does

    Finds objects with `numItems` and `cursor`, and with `page`, `isDone` and `continueCursor`, that
    are not those of convexity.

    ## Why is this bad?

    Clients send and expect more fields than these: calls with them are refused.

    ## Example

    ```python
    shape = v.object({"numItems": v.number(), "cursor": v.nullable(v.string())})


    @query(args={"value": shape}, returns=v.null())
    async def take(ctx: QueryCtx, value: Any) -> None: ...
    ```

    ## Use instead

    ```python
    from convexity.server import pagination_opts_validator

    @query(args={"value": pagination_opts_validator}, returns=v.null())
    async def take(ctx: QueryCtx, value: Any) -> None: ...
    ```

    ## Fix safety

    The fix writes `pagination_opts_validator`. It is unsafe: more fields pass than before.

    ## References

    - Convex guidelines, *Pagination*: `paginationOptsValidator`.
    """

    name = "handwritten-pagination-shape"
    code = "VAL016"
    category = "suspicious"
    severity = "warning"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every object."""
        for use in project.validator_uses:
            shape = use.validator
            if use.name != "object" or not isinstance(shape, ObjectValidator):
                continue
            supplied = _supplied(shape)
            if supplied is None:
                continue
            yield self.finding(
                project,
                use.location,
                f"this is a part of `{supplied}`",
                help=f"use `{supplied}` of `convexity.server`",
                fix=_fix(project, use) if supplied == _OPTIONS else None,
            )


def _supplied(shape: ObjectValidator) -> str | None:
    """The validator of which an object is a part."""
    names = set(shape.fields)
    if {"numItems", "cursor"} <= names <= set(PAGINATION_OPTIONS.fields):
        return None if is_pagination_options(shape) else _OPTIONS
    page = shape.fields.get("page")
    known = {"page", "isDone", "continueCursor"}
    if page is None or page.kind != "array" or not known <= names:
        return None
    whole = pagination_result(page).fields
    is_own = paginated_item(shape) is not None
    return None if is_own or not names <= set(whole) else "pagination_result_validator(...)"


def _fix(project: LinkedProject, use: ValidatorUse) -> Fix | None:
    names = Names(project, use.location.module)
    try:
        text = names.name(SERVER, _OPTIONS)
    except UnwritableError:
        return None
    edit = replace_text(project, use.location.module, use.location.span, text)
    return Fix(title=f"use `{text}`", applicability="unsafe", edits=(edit, *names.edits))
