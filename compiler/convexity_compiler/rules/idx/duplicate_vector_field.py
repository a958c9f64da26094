"""IDX019."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule, label_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedIndex, LinkedProject


class DuplicateVectorField(Rule):
    """Two vector indexes are on the same field.

    ## What it does

    Compares the fields and filters of the vector indexes of each table.

    ## Why is this bad?

    One of them answers both, and each costs something with every write.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        notes=define_table(e=v.array(v.number()))
        .vector_index("by_e", vector_field="e", dimensions=1536)
        .vector_index("by_e_again", vector_field="e", dimensions=1536),
    )
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        notes=define_table(e=v.array(v.number())).vector_index(
            "by_e", vector_field="e", dimensions=1536
        ),
    )
    ```

    ## References

    - `crates/common/src/schemas` of get-convex/convex-backend: `VectorIndexFieldNotUnique`.
    """

    name = "duplicate-vector-field"
    code = "IDX019"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Compare within each table."""
        for table in project.tables:
            seen: dict[tuple[object, ...], LinkedIndex] = {}
            for index in table.indexes:
                if index.kind != "vector":
                    continue
                first = seen.setdefault((index.fields, frozenset(index.filter_fields)), index)
                if first is not index:
                    yield self.finding(
                        project,
                        index.location,
                        f"index `{index.name}` is on the same field as `{first.name}`",
                        help="remove one of them",
                        labels=(label_at(project, first.location, "the other"),),
                    )
