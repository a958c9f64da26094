"""IDX013."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values.limits import MAX_FIELDS_PER_INDEX, MAX_FILTER_FIELDS

from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class TooManyIndexFields(Rule):
    """An index has more than 16 fields.

    ## What it does

    Counts the fields of indexes, and the filter fields of search and vector indexes.

    ## Why is this bad?

    The schema is refused.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(v.any()).index("by_all", [f"f{i}" for i in range(17)]),
    )
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(v.any()).index("by_f0_and_f1", ["f0", "f1"]),
    )
    ```

    ## References

    - `crates/common/src/schemas` of get-convex/convex-backend: `IndexTooManyFields`.
    """

    name = "too-many-index-fields"
    code = "IDX013"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Count the fields of all indexes."""
        for table in project.tables:
            for index in table.indexes:
                for noun, fields, limit in (
                    ("fields", index.fields, MAX_FIELDS_PER_INDEX),
                    ("filter fields", index.filter_fields, MAX_FILTER_FIELDS),
                ):
                    if len(fields) > limit:
                        yield self.finding(
                            project,
                            index.location,
                            f"index `{index.name}` has {len(fields)} {noun} of {limit} allowed",
                            help="leave out those that tell the fewest documents apart",
                        )
