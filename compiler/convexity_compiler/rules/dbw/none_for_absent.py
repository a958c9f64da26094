"""DBW009."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.documents import absent_nulls, written_documents
from convexity_compiler.rules.writing.names import VALUES, Names, UnwritableError
from convexity_compiler.span import Span
from convexity_compiler.summary.expressions import Constant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.documents import WrittenDocument
    from convexity_compiler.summary.expressions import DictItem


class NoneForAbsent(Rule):
    """None stands in a field that may be absent, and is not null.

    ## What it does

    Finds literal None for fields of a table that are `v.optional(...)` and do not let null through,
    in the documents of `insert`, `patch` and `replace`.

    ## Why is this bad?

    Absent and null are two things: the value is refused.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(name=v.string(), age=v.optional(v.number())),
    )


    # convex/users.py
    @mutation(args={}, returns=v.null())
    async def add(ctx: MutationCtx) -> None:
        await ctx.db.insert("users", {"name": "Ann", "age": None})
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(name=v.string(), age=v.optional(v.number())),
    )


    # convex/users.py
    @mutation(args={}, returns=v.null())
    async def add(ctx: MutationCtx) -> None:
        await ctx.db.insert("users", {"name": "Ann"})
    ```

    ## Fix safety

    In a patch the fix writes `UNSET`, elsewhere it leaves the key out. It is safe: the call cannot
    work otherwise.

    ## References

    - [The language, *Absent, null, default*](../reference/language.md#absent-null-default).
    """

    name = "none-for-absent"
    code = "DBW009"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the documents that are literals."""
        for document in written_documents(project):
            for item in absent_nulls(document):
                name = item.key.value if isinstance(item.key, Constant) else ""
                is_patch = document.method == "patch"
                yield self.finding(
                    project,
                    Location(document.module, item.value.span),
                    f"`{name!s}` may be absent, and is not null",
                    help="write `UNSET`, which removes the field"
                    if is_patch
                    else "leave the key out",
                    fix=_unset(project, document, item)
                    if is_patch
                    else _left_out(project, document, item),
                )


def _unset(project: LinkedProject, document: WrittenDocument, item: DictItem) -> Fix | None:
    names = Names(project, document.module)
    try:
        text = names.name(VALUES, "UNSET")
    except UnwritableError:
        return None
    edit = replace_text(project, document.module, item.value.span, text)
    return Fix(title="write `UNSET`", applicability="safe", edits=(edit, *names.edits))


def _left_out(project: LinkedProject, document: WrittenDocument, item: DictItem) -> Fix | None:
    """The fix that removes an item; None where anything but a comma stands beside it."""
    items = document.literal.items
    position = items.index(item)
    if position:
        span = Span(*items[position - 1].span[2:], *item.span[2:])
        between = Span(*span[:2], *item.span[:2])
    elif len(items) > 1:
        span = Span(*item.span[:2], *items[1].span[:2])
        between = Span(*item.span[2:], *span[2:])
    else:
        return None
    if project.text_of(Location(document.module, between)).strip() != ",":
        return None
    edit = replace_text(project, document.module, span, "")
    return Fix(title="leave the key out", applicability="safe", edits=(edit,))
