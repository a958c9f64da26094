"""IDX022."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


_LIMIT: Final = 4
"""Indexes of one kind per table."""


class TooManySearchIndexes(Rule):
    """A table has more than four search or vector indexes.

    ## What it does

    Counts the search and the vector indexes of each table.

    ## Why is this bad?

    At most four of each kind are allowed.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        notes=define_table(v.any())
        .search_index("search_a", search_field="a")
        .search_index("search_b", search_field="b")
        .search_index("search_c", search_field="c")
        .search_index("search_d", search_field="d")
        .search_index("search_e", search_field="e"),
    )
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        notes=define_table(v.any()).search_index("search_a", search_field="a"),
    )
    ```

    ## References

    - Convex, *Limits*: four search indexes and four vector indexes per table.
    """

    name = "too-many-search-indexes"
    code = "IDX022"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Count the indexes of all tables."""
        for table in project.tables:
            for kind in ("search", "vector"):
                found = [index for index in table.indexes if index.kind == kind]
                if len(found) > _LIMIT:
                    yield self.finding(
                        project,
                        found[_LIMIT].location,
                        f"table `{table.name}` has {len(found)} {kind} indexes of {_LIMIT} allowed",
                        help="join fields that are searched together into one",
                    )
