"""STO005."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.sto.file_urls import file_urls
from convexity_compiler.summary.expressions import Await, Call, DictItem, Name
from convexity_compiler.summary.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.sto.file_urls import FileUrl
    from convexity_compiler.rules.usage.places import Place

_WRITES: Final = frozenset({"insert", "patch", "replace"})


class PersistedFileUrl(Rule):
    """The URL of a file is written into a document.

    ## What it does

    Finds results of `ctx.storage.get_url` in documents that are inserted, patched or replaced. It
    runs when it is selected.

    ## Why is this bad?

    The URL belongs to one place where the backend runs, and outlives the file. The id of the file
    does not age.

    ## Example

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["persisted-file-url"]

    # convex/files.py
    @mutation(args={"file": v.id("_storage")}, returns=v.null())
    async def save(ctx: MutationCtx, file: str) -> None:
        await ctx.db.insert("files", {"url": await ctx.storage.get_url(file)})
    ```

    ## Use instead

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["persisted-file-url"]

    # convex/files.py
    @mutation(args={"file": v.id("_storage")}, returns=v.null())
    async def save(ctx: MutationCtx, file: str) -> None:
        await ctx.db.insert("files", {"file": file})
    ```

    ## Fix safety

    The fix writes the id in place of the URL. It is unsafe: the field, and what reads it, must
    follow.

    ## References

    - Convex docs, *Storing files*: store the id, and ask for the URL when it is shown.
    """

    name = "persisted-file-url"
    code = "STO005"
    words = frozenset({"get_url"})
    category = "suspicious"
    severity = "info"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look for the URLs in what is written."""
        for url in file_urls(project):
            written = {
                id(node)
                for site in url.use.context_calls
                if site.owner.path == ("db",) and site.method.name in _WRITES
                for argument in site.call.arguments[1:]
                for item in walk(url.use.scope.constant(argument))
                if isinstance(item, DictItem)
                for node in walk(item.value)
            }
            for place in url.places:
                if id(place.node) in written:
                    yield self.finding(
                        project,
                        Location(url.use.module, place.node.span),
                        "the URL of a file is written into a document",
                        help="write the id of the file, and ask for its URL when it is shown",
                        fix=_fix(project, url, place),
                    )


def _fix(project: LinkedProject, url: FileUrl, place: Place) -> Fix | None:
    """Write the id, where it is a name: what it holds has not changed in between."""
    asked = url.places[0].node
    call = asked.value if isinstance(asked, Await) else None
    if not isinstance(call, Call) or len(call.arguments) != 1:
        return None
    identifier = call.arguments[0]
    if not isinstance(identifier, Name) or len(url.use.bindings.get(identifier.id, ())) > 1:
        return None
    written = Location(url.use.module, place.node.span)
    if isinstance(place.node, Name) and project.text_of(written) != place.node.id:
        return None  # within an f-string, where older versions of Python mistake places
    edit = replace_text(project, written.module, written.span, identifier.id)
    return Fix(title=f"write `{identifier.id}`", applicability="unsafe", edits=(edit,))
