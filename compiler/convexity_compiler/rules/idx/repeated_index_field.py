"""IDX008."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.idx.field_lists import without_entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class RepeatedIndexField(Rule):
    """An index lists a field twice.

    ## What it does

    Finds fields that an index, or the filters of a search or vector index, lists repeatedly.

    ## Why is this bad?

    The second adds nothing, and the schema is refused.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(text=v.string()).index("by_text", ["text", "text"]),
    )
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(text=v.string()).index("by_text", ["text"]),
    )
    ```

    ## Fix safety

    The fix removes the repetition, and is safe.

    ## References

    - `crates/common/src/schemas` of get-convex/convex-backend: `FieldsNotUniqueWithinIndex`.
    """

    name = "repeated-index-field"
    code = "IDX008"
    fixable = True
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the fields of all indexes."""
        for table in project.tables:
            for index in table.indexes:
                for fields, places in (
                    (index.fields, index.field_locations),
                    (index.filter_fields, index.filter_locations),
                ):
                    for position, field in enumerate(fields):
                        first = fields.index(field)
                        if first < position:
                            yield self.finding(
                                project,
                                places[position],
                                f"index `{index.name}` lists `{field}` twice",
                                help="list each field once",
                                labels=(label_at(project, places[first], "here already"),),
                                fix=without_entry(project, places, position),
                            )
