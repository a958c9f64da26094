"""IDX009."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.records import replace
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.idx.field_lists import listed_places, without_entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class IdInIndex(Rule):
    """An index lists `_id`.

    ## What it does

    Finds `_id` among the fields of an index, or the filters of a search or vector index.

    ## Why is this bad?

    A document is loaded by its id with `ctx.db.get`. The schema is refused.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(text=v.string()).index("by_text_and_id", ["text", "_id"]),
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

    The fix removes `_id` from the list, where it is not the first field. It is unsafe: queries may
    name the field in their ranges.

    ## References

    - `crates/common/src/schemas` of get-convex/convex-backend: `IndexFieldsContainId`.
    """

    name = "id-in-index"
    code = "IDX009"
    fixable = True
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the fields of all indexes."""
        for index, place in listed_places(project, lambda field: field == "_id"):
            fields = index.field_locations
            fix = without_entry(project, fields, fields.index(place)) if place in fields else None
            yield self.finding(
                project,
                place,
                f"index `{index.name}` lists `_id`",
                help="remove it; a document is loaded by its id with `ctx.db.get(...)`",
                fix=None if fix is None else replace(fix, applicability="unsafe"),
            )
