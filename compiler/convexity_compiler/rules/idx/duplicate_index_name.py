"""IDX004."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule, label_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedIndex, LinkedProject


class DuplicateIndexName(Rule):
    """Two indexes of a table share a name.

    ## What it does

    Compares the names of a table's indexes, search and vector indexes among them.

    ## Why is this bad?

    A query names the index it uses.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(name=v.string(), email=v.string())
        .index("by_name", ["name"])
        .index("by_name", ["name", "email"]),
    )
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(name=v.string(), email=v.string())
        .index("by_name", ["name"])
        .index("by_email", ["email"]),
    )
    ```

    ## References

    - `IndexNamesNotUnique` in `crates/common/src/schemas` of get-convex/convex-backend.
    """

    name = "duplicate-index-name"
    code = "IDX004"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Compare names within each table."""
        for table in project.tables:
            seen: dict[str, LinkedIndex] = {}
            for index in table.indexes:
                first = seen.setdefault(index.name, index)
                if first is not index:
                    yield self.finding(
                        project,
                        index.name_location,
                        f"table `{table.name}` has two indexes `{index.name}`",
                        help="name each index after its fields",
                        labels=(label_at(project, first.name_location, "first defined here"),),
                    )
