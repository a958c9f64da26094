"""IDX016."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule, label_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedIndex, LinkedProject


class DuplicateSearchField(Rule):
    """Two search indexes are on the same field.

    ## What it does

    Compares the search fields and filters of the search indexes of each table.

    ## Why is this bad?

    One index answers both, and each costs something with every write. The schema is refused.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(text=v.string())
        .search_index("search_text", search_field="text")
        .search_index("search_again", search_field="text"),
    )
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(text=v.string()).search_index("search_text", search_field="text"),
    )
    ```

    ## References

    - `crates/common/src/schemas` of get-convex/convex-backend: `SearchIndexFieldNotUnique`.
    """

    name = "duplicate-search-field"
    code = "IDX016"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Compare within each table."""
        for table in project.tables:
            seen: dict[tuple[object, ...], LinkedIndex] = {}
            for index in table.indexes:
                if index.kind != "search":
                    continue
                first = seen.setdefault((index.fields, frozenset(index.filter_fields)), index)
                if first is not index:
                    yield self.finding(
                        project,
                        index.location,
                        f"index `{index.name}` searches the same field as `{first.name}`",
                        help="remove one of them; an index may have several filter fields",
                        labels=(label_at(project, first.location, "the other"),),
                    )
