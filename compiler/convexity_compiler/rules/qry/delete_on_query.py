"""QRY008."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.span import Span
from convexity_compiler.summary.expressions import Attribute, Name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse, QueryCall

_ROW: Final = "row"


class DeleteOnQuery(Rule):
    """A query is told to delete.

    ## What it does

    Finds `.delete()` on a chain that begins with `ctx.db.query(...)`.

    ## Why is this bad?

    Queries have no such method. Documents are deleted one by one, by their ids.

    ## Example

    ```python
    @internal_mutation(args={}, returns=v.null())
    async def clear(ctx: MutationCtx) -> None:
        await ctx.db.query("messages").delete()
    ```

    ## Use instead

    ```python
    @internal_mutation(args={}, returns=v.null())
    async def clear(ctx: MutationCtx) -> None:
        async for message in ctx.db.query("messages"):
            await ctx.db.delete(message["_id"])
    ```

    ## Fix safety

    Where the call is a statement of its own, the fix writes the loop. It is unsafe: the loop
    deletes every row, however many there are.

    ## References

    - Convex guidelines, *Query guidelines*: "Convex queries do NOT support `.delete()`".
    """

    name = "delete-on-query"
    code = "QRY008"
    words = frozenset({"delete"})
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the methods that are called on queries."""
        for use in functions(project):
            for site in use.query_calls:
                if site.method.name == "delete":
                    span = site.method.name_span.through(site.call.span)
                    yield self.finding(
                        project,
                        Location(use.module, span),
                        "queries have no `.delete()`",
                        help='write `async for row in ...: await ctx.db.delete(row["_id"])`',
                        fix=_fix(project, use, site),
                    )


def _fix(project: LinkedProject, use: FunctionUse, site: QueryCall) -> Fix | None:
    place, database = site.place, site.query.start.function
    module = project.modules[use.module]
    line, column, end_line, end_column = site.call.span
    indentation = module.lines[line - 1][: column - 1]
    if indentation.endswith("await "):
        column -= len("await ")
        indentation = indentation.removesuffix("await ")
    is_statement = not indentation.strip() and not module.lines[end_line - 1][end_column - 1 :]
    if not (
        is_statement
        and place.is_async
        and isinstance(database, Attribute)
        and use.scope.symbol(Name(site.call.span, _ROW)) is None
        and not any(parameter.name == _ROW for parameter in use.function.parameters)
    ):
        return None
    query = project.text_of(Location(use.module, site.method.value.span))
    rows = project.text_of(Location(use.module, database.value.span))
    step = "\t" if "\t" in indentation else "    "
    text = f'async for {_ROW} in {query}:\n{indentation}{step}await {rows}.delete({_ROW}["_id"])'
    edit = replace_text(project, use.module, Span(line, column, end_line, end_column), text)
    return Fix(title="delete each row in a loop", applicability="unsafe", edits=(edit,))
