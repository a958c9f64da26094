"""QRY024."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.results import awaited_call
from convexity_compiler.rules.usage.tables import table_of
from convexity_compiler.rules.usage.values import Query, literal_text
from convexity_compiler.span import Span
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject, LinkedTable
    from convexity_compiler.rules.usage.functions import FunctionUse


class ResortInPython(Rule):
    """Documents are sorted as their index sorts them already.

    ## What it does

    Finds `sorted(...)` by one field over what an index gives in the order of that field. As all
    rules of severity `info`, it runs only when it is selected, or in the profile `all`.

    ## Why is this bad?

    The order is there already, and `.order("desc")` turns it round.

    ## Example

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["resort-in-python"]

    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(text=v.string(), at=v.number()).index("by_at", ["at"]),
    )


    # convex/messages.py
    @query(args={"since": v.number()}, returns=v.any())
    async def recent(ctx: QueryCtx, since: float) -> Any:
        rows = await ctx.db.query("messages").with_index("by_at").gt("at", since).take(10)
        return sorted(rows, key=lambda row: row["at"])
    ```

    ## Use instead

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["resort-in-python"]

    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(text=v.string(), at=v.number()).index("by_at", ["at"]),
    )


    # convex/messages.py
    @query(args={"since": v.number()}, returns=v.any())
    async def recent(ctx: QueryCtx, since: float) -> Any:
        return await ctx.db.query("messages").with_index("by_at").gt("at", since).take(10)
    ```

    ## Fix safety

    The fix removes `sorted` where only its key is given. It is unsafe: a copy of the list may be
    meant.

    ## References

    - Convex guidelines, newer text: use the order of the index.
    """

    name = "resort-in-python"
    code = "QRY024"
    category = "performance"
    severity = "info"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at everything that is sorted."""
        for use in functions(project):
            for place in use.calls:
                call = place.node
                if (
                    not isinstance(call, e.Call)
                    or len(call.arguments) != 1
                    or use.scope.qualified_name(call.function) != "builtins.sorted"
                ):
                    continue
                query = _query(use, call.arguments[0])
                table = None if query is None else table_of(project, query)
                field = _key(call)
                if query is None or table is None or field is None:
                    continue
                if _ordered_by(table, query) == field:
                    yield self.finding(
                        project,
                        Location(use.module, call.span),
                        f"the documents are in the order of `{field}` already",
                        help='remove `sorted`; `.order("desc")` turns the order round',
                        fix=_fix(project, use.module, call),
                    )


def _fix(project: LinkedProject, module: str, call: e.Call) -> Fix | None:
    (inner,) = call.arguments
    before = Span(*call.span[:2], *inner.span[:2])
    behind = Span(*inner.span[2:], *call.span[2:])
    opening = "".join(project.text_of(Location(module, before)).split())
    between = project.text_of(Location(module, behind)).lstrip()
    if len(call.keywords) != 1 or opening != "sorted(" or not between.startswith(","):
        return None  # more is asked of it, or parentheses or comments stand between
    if "#" in between:
        return None
    edits = (replace_text(project, module, before, ""), replace_text(project, module, behind, ""))
    if isinstance(inner, e.Await):
        edits = (
            replace_text(project, module, before, "("),
            replace_text(project, module, behind, ")"),
        )
    return Fix(title="remove `sorted`", applicability="unsafe", edits=edits)


def _query(use: FunctionUse, expression: e.Expr) -> Query | None:
    """The query whose documents an expression holds, in its order."""
    read = awaited_call(use, expression)
    method = None if read is None else read.function
    if not isinstance(method, e.Attribute) or method.name not in ("collect", "take"):
        return None
    found = use.scope.value(method.value)
    return found if isinstance(found, Query) and found.is_exact else None


def _key(call: e.Call) -> str | None:
    """The field by which ``sorted`` sorts."""
    key = call.keyword("key")
    if key is None or not isinstance(key.value, e.Lambda):
        return None
    match key.value.body:
        case e.Subscript(value=e.Name(), index=e.Constant(value=str(field))):
            return field
        case _:
            return None


def _ordered_by(table: LinkedTable, query: Query) -> str | None:
    """The first field of the order that a range leaves open."""
    fields: tuple[str, ...] = ("_creationTime",)
    for call in query.calls:
        method = call.function.name if isinstance(call.function, e.Attribute) else ""
        if method == "with_search_index":
            return None
        if method == "with_index":
            name = literal_text(call, 0) or ""
            index = table.index(name)
            if index is None and name != "by_creation_time":
                return None
            fields = fields if index is None else (*index.fields, *fields)
        elif method == "eq":
            fields = fields[1:]
    return fields[0] if fields else None
