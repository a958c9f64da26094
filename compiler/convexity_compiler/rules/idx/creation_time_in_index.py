"""IDX010."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.idx.field_lists import listed_places, without_entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class CreationTimeInIndex(Rule):
    """An index lists `_creationTime`.

    ## What it does

    Finds `_creationTime` among the fields of an index, or the filters of a search or vector index.

    ## Why is this bad?

    It stands at the end of every index as it is. The schema is refused.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(text=v.string()).index("by_text", ["text", "_creationTime"]),
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

    The fix removes it where it is the last field, and is safe: the index stays as it is.

    ## References

    - `crates/common/src/schemas` of get-convex/convex-backend: `IndexFieldsContainCreationTime`.
    """

    name = "creation-time-in-index"
    code = "IDX010"
    fixable = True
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the fields of all indexes."""
        for index, place in listed_places(project, lambda field: field == "_creationTime"):
            is_last = index.kind == "index" and place is index.field_locations[-1]
            position = len(index.fields) - 1
            yield self.finding(
                project,
                place,
                f"index `{index.name}` lists `_creationTime`",
                help="remove it, it is appended to every index"
                if is_last
                else "remove it; an index has it at its end alone",
                fix=without_entry(project, index.field_locations, position) if is_last else None,
            )
