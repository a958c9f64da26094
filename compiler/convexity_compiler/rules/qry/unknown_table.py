"""QRY003."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.link.platform import SYSTEM_TABLES
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
    from convexity_compiler.rules.usage.functions import ContextCall

_METHODS = {
    (("db",), "query"),
    (("db",), "normalize_id"),
    (("db", "system"), "query"),
    ((), "vector_search"),
}
"""Reading methods whose first argument is a table, with the path to their owner."""


class UnknownTable(Rule):
    """A query reads a table that the schema does not define.

    ## What it does

    Compares the table of `ctx.db.query`, `ctx.db.normalize_id` and `ctx.vector_search` with
    schema.py, and that of `ctx.db.system.query` with the system tables. Without a schema, and for
    names that are not literals, it says nothing.

    ## Why is this bad?

    The query fails when it runs.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(messages=define_table(content=v.string()))


    # convex/messages.py
    @query(args={}, returns=v.any())
    async def latest(ctx: QueryCtx) -> Any:
        return await ctx.db.query("mesages").order("desc").first()
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(messages=define_table(content=v.string()))


    # convex/messages.py
    @query(args={}, returns=v.any())
    async def latest(ctx: QueryCtx) -> Any:
        return await ctx.db.query("messages").order("desc").first()
    ```

    ## Fix safety

    The fix writes the nearest table name. It is unsafe: another table may be meant.

    ## References

    - Convex guidelines, *Schema guidelines*: the schema is defined in `convex/schema.ts`.
    """

    name = "unknown-table"
    code = "QRY003"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the tables that functions read."""
        for use in functions(project):
            for site in use.context_calls:
                if (site.owner.path, site.method.name) in _METHODS:
                    yield from self._check_site(project, use.module, site)

    def _check_site(
        self, project: LinkedProject, module: str, site: ContextCall
    ) -> Iterator[Diagnostic]:
        name = literal_text(site.call, 0)
        is_system = site.owner.path == ("db", "system")
        if name is None or project.schema is None:
            return
        if not (name not in SYSTEM_TABLES if is_system else unknown_table(project, name)):
            return
        known = tuple(SYSTEM_TABLES) if is_system else project.table_names
        nearest = nearest_name(name, known)
        table = project.schema.tables.get(nearest or "")
        place = (
            label_at(project, table.name_location, f"`{table.name}` is defined here")
            if table
            else label_at(project, project.schema.location, "the schema")
        )
        literal = site.call.arguments[0]
        yield self.finding(
            project,
            Location(module, literal.span),
            f"there is no system table `{name}`"
            if is_system
            else f"the schema has no table `{name}`",
            label=f"did you mean `{nearest}`?" if nearest else "",
            help=f'replace it with "{nearest}"' if nearest else f"the tables are {listed(known)}",
            labels=() if is_system else (place,),
            fix=rename_fix(project, module, literal, nearest),
        )
