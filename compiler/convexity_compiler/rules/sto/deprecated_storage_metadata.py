"""STO001."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.capabilities import is_only
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.summary.expressions import Attribute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import ContextCall

_METHODS: Final = frozenset({"get_metadata", "getMetadata"})


class DeprecatedStorageMetadata(Rule):
    """The metadata of a file is asked of the storage.

    ## What it does

    Finds `ctx.storage.get_metadata(...)`, and `getMetadata` as it is called in TypeScript.

    ## Why is this bad?

    The call is deprecated in Convex and does not exist here: what is known of a file is a document
    of the system table `_storage`.

    ## Example

    ```python
    @query(args={"file": v.id("_storage")}, returns=v.any())
    async def size(ctx: QueryCtx, file: Any) -> Any:
        return await ctx.storage.get_metadata(file)
    ```

    ## Use instead

    ```python
    @query(args={"file": v.id("_storage")}, returns=v.any())
    async def size(ctx: QueryCtx, file: Any) -> Any:
        return await ctx.db.system.get(file)
    ```

    ## Fix safety

    The fix, which is offered in queries and mutations, reads the document instead. It is safe: the
    call cannot work.

    ## References

    - Convex guidelines, *File storage guidelines*: "Do NOT use the deprecated
      `ctx.storage.getMetadata` call".
    """

    name = "deprecated-storage-metadata"
    code = "STO001"
    words = frozenset({"storage"})
    severity = "warning"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the calls on storages."""
        for use in functions(project):
            for site in use.context_calls:
                if site.owner.path == ("storage",) and site.method.name in _METHODS:
                    yield self.finding(
                        project,
                        Location(use.module, site.method.name_span),
                        f"`storage.{site.method.name}` is deprecated and does not exist here",
                        help="use `ctx.db.system.get(id)`; from an action, in a query that it runs",
                        fix=_fix(project, use.module, site),
                    )


def _fix(project: LinkedProject, module: str, site: ContextCall) -> Fix | None:
    storage = site.method.value
    if not isinstance(storage, Attribute) or not is_only(site.owner, "query", "mutation"):
        return None
    span = storage.name_span.through(site.method.span)
    edit = replace_text(project, module, span, "db.system.get")
    return Fix(title="use `db.system.get`", applicability="safe", edits=(edit,))
