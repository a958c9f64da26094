"""IDX021."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.rules.collecting import CollectingRule
from convexity_compiler.rules.usage.used_indexes import index_names
from convexity_compiler.rules.writing.removals import remove_link

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedIndex, LinkedProject
    from convexity_compiler.rules.collecting import Fact


class UnusedIndex(CollectingRule):
    """No query uses an index.

    ## What it does

    Finds indexes that no query of the project names. Where a query names its table or index by
    anything but a literal, it says nothing. As all rules of severity `info`, it runs only when it
    is selected, or in the profile `all`.

    ## Why is this bad?

    An index is written with every document of its table.

    ## Example

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["unused-index"]

    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        notes=define_table(a=v.string()).index("by_a", ["a"]),
    )
    ```

    ## Use instead

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["unused-index"]

    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        notes=define_table(a=v.string()).index("by_a", ["a"]),
    )


    # convex/notes.py
    @query(args={"a": v.string()}, returns=v.any())
    async def by_a(ctx: QueryCtx, a: str) -> Any:
        return await ctx.db.query("notes").with_index("by_a").eq("a", a).take(10)
    ```

    ## Fix safety

    The fix removes the index. It is unsafe: code outside the project may use it, and building it
    again takes time.

    ## References

    - Convex best practices, *Check for redundant indexes*.
    """

    name = "unused-index"
    code = "IDX021"
    category = "performance"
    severity = "info"
    fixable = True

    def collect(self, project: LinkedProject) -> Iterator[Fact]:
        """Yield the table and the index of each use."""
        for table, index in index_names(project):
            yield [table, index]

    def conclude(
        self, project: LinkedProject, facts: Mapping[str, Sequence[Fact]]
    ) -> Iterator[Diagnostic]:
        """Compare the indexes with all queries."""
        used = [fact for found in facts.values() for fact in found if isinstance(fact, list)]
        if any(None in fact for fact in used):
            return
        for table in project.tables:
            for index in table.indexes:
                if [table.name, index.name] not in used and not index.staged:
                    yield self.finding(
                        project,
                        index.location,
                        f"no query uses index `{index.name}` of table `{table.name}`",
                        help="remove it, or use it",
                        fix=_fix(project, index),
                    )


def _fix(project: LinkedProject, index: LinkedIndex) -> Fix | None:
    removal = remove_link(project, index.location)
    if removal is None:
        return None
    return Fix(title=f"remove `{index.name}`", applicability="unsafe", edits=(removal,))
