"""IDX005."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.writing.index_renames import remove_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedIndex, LinkedProject


class DuplicateIndexFields(Rule):
    """Two indexes of a table have the same fields.

    ## What it does

    Compares the fields of a table's database indexes.

    ## Why is this bad?

    The second costs time and space with every write, and answers nothing the first does not.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(name=v.string())
        .index("by_name", ["name"])
        .index("sorted_by_name", ["name"]),
    )
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(name=v.string()).index("by_name", ["name"]),
    )
    ```

    ## Fix safety

    The fix removes the later index, and makes its queries use the first. It is unsafe: the backend
    drops the index.

    ## References

    - `IndexNotUnique` in `crates/common/src/schemas` of get-convex/convex-backend.
    """

    name = "duplicate-index-fields"
    code = "IDX005"
    category = "performance"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Compare fields within each table."""
        for table in project.tables:
            seen: dict[tuple[str, ...], LinkedIndex] = {}
            for index in table.indexes:
                if index.kind != "index":
                    continue
                first = seen.setdefault(index.fields, index)
                if first is not index:
                    yield self.finding(
                        project,
                        index.location,
                        f"index `{index.name}` has the same fields as `{first.name}`",
                        help="remove one of them",
                        labels=(label_at(project, first.location, "the same fields"),),
                        fix=remove_index(project, table, index, first),
                    )
