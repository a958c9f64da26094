"""STO002."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.sto.file_urls import file_urls
from convexity_compiler.summary.expressions import (
    Binary,
    Boolean,
    Conditional,
    Interpolation,
    Walrus,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.places import Place


class UncheckedFileUrl(Rule):
    """The URL of a file is used although there may be none.

    ## What it does

    Finds results of `ctx.storage.get_url` whose attributes are read, which are taken apart, put
    into text or added to, where nothing compares them with None.

    ## Why is this bad?

    The result is None when the file does not exist: the access fails, or the text says `None`.

    ## Example

    ```python
    @query(args={"file": v.id("_storage")}, returns=v.string())
    async def link(ctx: QueryCtx, file: str) -> str:
        url = await ctx.storage.get_url(file)
        return f"<{url}>"
    ```

    ## Use instead

    ```python
    @query(args={"file": v.id("_storage")}, returns=v.string())
    async def link(ctx: QueryCtx, file: str) -> str:
        url = await ctx.storage.get_url(file)
        return f"<{url}>" if url is not None else ""
    ```

    ## References

    - Convex guidelines, *File storage guidelines*: `getUrl` "returns `null` if the file doesn't
      exist".
    """

    name = "unchecked-file-url"
    code = "STO002"
    words = frozenset({"get_url"})
    category = "suspicious"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at what is done with each URL."""
        for url in file_urls(project):
            if any(_is_check(place) for place in url.places):
                continue
            for place in url.places:
                if place.role in ("receiver", "subscripted") or isinstance(
                    place.parent, (Interpolation, Binary)
                ):
                    yield self.finding(
                        project,
                        Location(url.use.module, place.node.span),
                        "the file may not exist, and its URL be None",
                        help="compare the result with None first",
                    )


def _is_check(place: Place) -> bool:
    return place.role == "tested" or isinstance(place.parent, (Boolean, Conditional, Walrus))
