"""QRY017."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class RebuiltPaginationOpts(Rule):
    """Pagination options are written anew instead of passed on.

    ## What it does

    Finds `.paginate(...)` with a dict that is made from fields of the options which the client
    sent.

    ## Why is this bad?

    The client sends more than `numItems` and `cursor`: without `endCursor` and `id` pages that
    change while they are shown overlap or leave gaps.

    ## Example

    ```python
    @query(args={"opts": pagination_opts_validator}, returns=v.any())
    async def latest(ctx: QueryCtx, opts: Any) -> Any:
        rows = ctx.db.query("messages")
        return await rows.paginate({"numItems": opts["numItems"], "cursor": opts["cursor"]})
    ```

    ## Use instead

    ```python
    @query(args={"opts": pagination_opts_validator}, returns=v.any())
    async def latest(ctx: QueryCtx, opts: Any) -> Any:
        return await ctx.db.query("messages").paginate(opts)
    ```

    ## Fix safety

    The fix passes the options themselves. It is unsafe: a field may have been changed on purpose.

    ## References

    - Convex guidelines, *Pagination*: `paginationOpts` is passed to `.paginate` as it is.
    """

    name = "rebuilt-pagination-opts"
    code = "QRY017"
    words = frozenset({"paginate"})
    category = "suspicious"
    severity = "warning"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the options of every page."""
        for use in functions(project):
            for site in use.query_calls:
                options = site.call.arguments[0] if site.call.arguments else None
                if site.method.name != "paginate" or not isinstance(options, e.Dict):
                    continue
                source = _source(options)
                if source is None or any(item.key is None for item in options.items):
                    continue
                edit = replace_text(project, use.module, options.span, source)
                yield self.finding(
                    project,
                    Location(use.module, options.span),
                    f"a part of `{source}` is passed on",
                    help=f"pass `{source}` itself",
                    fix=Fix(title=f"pass `{source}`", applicability="unsafe", edits=(edit,)),
                )


def _source(options: e.Dict) -> str | None:
    """The one variable from which the cursor is taken under its own name."""
    for item in options.items:
        match item.value:
            case e.Subscript(value=e.Name(id=name), index=e.Constant(value="cursor")):
                return name
            case _:
                continue
    return None
