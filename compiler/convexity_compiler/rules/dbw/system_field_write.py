"""DBW005."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.documents import SYSTEM_FIELDS, written_documents
from convexity_compiler.rules.writing.removals import remove_item
from convexity_compiler.summary.expressions import Await, Call, Constant, Walrus
from convexity_compiler.summary.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.summary.expressions import DictItem


class SystemFieldWrite(Rule):
    """A function sets `_id` or `_creationTime`.

    ## What it does

    Finds system fields in the dict literals of `ctx.db.insert` and `ctx.db.patch`. A `replace` may
    repeat them, as documents that were read do.

    ## Why is this bad?

    The database gives every document its id and its time of creation, and refuses others.

    ## Example

    ```python
    @mutation(args={}, returns=v.null())
    async def send(ctx: MutationCtx) -> None:
        await ctx.db.insert("messages", {"_creationTime": 0, "content": "hello"})
    ```

    ## Use instead

    ```python
    @mutation(args={}, returns=v.null())
    async def send(ctx: MutationCtx) -> None:
        await ctx.db.insert("messages", {"content": "hello"})
    ```

    ## Fix safety

    The fix removes the field, and is safe: the write is refused with it. Fields in which something
    is called or awaited are left alone.

    ## References

    - Convex guidelines, *Schema guidelines*: "System fields are automatically added to all
      documents".
    """

    name = "system-field-write"
    code = "DBW005"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every document that is written as a literal."""
        for document in written_documents(project):
            if document.method == "replace":
                continue
            for item in document.literal.items:
                if isinstance(item.key, Constant) and item.key.value in SYSTEM_FIELDS:
                    yield self.finding(
                        project,
                        Location(document.module, item.key.span),
                        f"the database sets `{item.key.value}` itself",
                        help="leave the field out; for another point in time add a field"
                        " of your own"
                        if item.key.value == "_creationTime"
                        else "leave the field out; `insert` returns the id",
                        fix=_fix(project, document.module, item),
                    )


def _fix(project: LinkedProject, module: str, item: DictItem) -> Fix | None:
    if any(isinstance(node, Call | Await | Walrus) for node in walk(item.value)):
        return None
    edit = remove_item(project, Location(module, item.span))
    return Fix(title="leave the field out", applicability="safe", edits=(edit,))
