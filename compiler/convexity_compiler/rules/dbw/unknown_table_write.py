"""DBW003."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.tables import (
    listed,
    nearest_name,
    rename_fix,
    unknown_table,
)
from convexity_compiler.rules.usage.values import literal_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class UnknownTableWrite(Rule):
    """A document is inserted into a table that the schema does not define.

    ## What it does

    Compares the table of `ctx.db.insert` with schema.py. Without a schema, and for names that are
    not literals, it says nothing.

    ## Why is this bad?

    The call fails when it is made.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(messages=define_table(content=v.string()))


    # convex/messages.py
    @mutation(args={}, returns=v.null())
    async def send(ctx: MutationCtx) -> None:
        await ctx.db.insert("mesages", {"content": "hello"})
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(messages=define_table(content=v.string()))


    # convex/messages.py
    @mutation(args={}, returns=v.null())
    async def send(ctx: MutationCtx) -> None:
        await ctx.db.insert("messages", {"content": "hello"})
    ```

    ## Fix safety

    The fix writes the nearest table name. It is unsafe: another table may be meant.

    ## References

    - Convex guidelines, *Schema guidelines*: the schema is defined in `convex/schema.ts`.
    """

    name = "unknown-table-write"
    code = "DBW003"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every insertion."""
        for use in functions(project):
            for site in use.context_calls:
                name = literal_text(site.call, 0)
                if (
                    site.owner.path != ("db",)
                    or site.method.name != "insert"
                    or name is None
                    or project.schema is None
                    or not unknown_table(project, name)
                ):
                    continue
                nearest = nearest_name(name, project.table_names)
                table = project.schema.tables.get(nearest or "")
                literal = site.call.arguments[0]
                yield self.finding(
                    project,
                    Location(use.module, literal.span),
                    f"the schema has no table `{name}`",
                    label=f"did you mean `{nearest}`?" if nearest else "",
                    help=f'replace it with "{nearest}"'
                    if nearest
                    else f"its tables are {listed(project.table_names)}",
                    labels=(
                        label_at(project, table.name_location, f"`{table.name}` is defined here")
                        if table
                        else label_at(project, project.schema.location, "the schema"),
                    ),
                    fix=rename_fix(project, use.module, literal, nearest),
                )
