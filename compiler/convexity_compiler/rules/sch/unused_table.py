"""SCH010."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity.values import IdValidator

from convexity_compiler.rules.collecting import CollectingRule
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.values import literal_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.collecting import Fact


_NAMING: Final = frozenset({"query", "insert", "normalize_id"})
"""Methods of the database that name a table."""


class UnusedTable(CollectingRule):
    """No function touches a table.

    ## What it does

    Finds tables that no function reads or writes, and whose ids no validator mentions. Where a
    function names a table by anything but a literal, it says nothing. As all rules of severity
    `info`, it runs only when it is selected, or in the profile `all`.

    ## Why is this bad?

    A table that nothing uses is a mistake, or remains of something that went.

    ## Example

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["unused-table"]

    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(name=v.string()),
    )
    ```

    ## Use instead

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["unused-table"]

    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(name=v.string()),
    )


    # convex/users.py
    @query(args={}, returns=v.any())
    async def first(ctx: QueryCtx) -> Any:
        return await ctx.db.query("users").first()
    ```

    ## References

    - [The language, *Schemas*](../reference/language.md#schemas).
    """

    name = "unused-table"
    code = "SCH010"
    category = "suspicious"
    severity = "info"

    def collect(self, project: LinkedProject) -> Iterator[Fact]:
        """Yield the names of the tables that are touched; None for one that is not known."""
        for use in functions(project):
            for site in use.context_calls:
                if site.owner.path == ("db",) and site.method.name in _NAMING:
                    yield literal_text(site.call, 0)
        for entry in project.validator_uses:
            if isinstance(entry.validator, IdValidator):
                yield entry.validator.table_name

    def conclude(
        self, project: LinkedProject, facts: Mapping[str, Sequence[Fact]]
    ) -> Iterator[Diagnostic]:
        """Compare the tables with all functions."""
        used = {fact for found in facts.values() for fact in found if not isinstance(fact, list)}
        if None in used:
            return
        for table in project.tables:
            if table.name not in used:
                yield self.finding(
                    project,
                    table.name_location,
                    f"no function touches table `{table.name}`",
                    help="remove it, or use it",
                )
