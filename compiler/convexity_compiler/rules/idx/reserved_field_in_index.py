"""IDX011."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.idx.field_lists import listed_places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class ReservedFieldInIndex(Rule):
    """An index lists a field whose name is reserved.

    ## What it does

    Finds fields that begin with an underscore, other than `_id` and `_creationTime`, in indexes.

    ## Why is this bad?

    There are no such fields, and the schema is refused.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(text=v.string()).index("by_rank", ["_rank"]),
    )
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(rank=v.number()).index("by_rank", ["rank"]),
    )
    ```

    ## References

    - `crates/common/src/schemas` of get-convex/convex-backend: `IndexFieldNameReserved`.
    """

    name = "reserved-field-in-index"
    code = "IDX011"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the fields of all indexes."""
        for index, place in listed_places(project, _is_reserved):
            yield self.finding(
                project,
                place,
                f"index `{index.name}` lists a field whose name is reserved",
                help="such names belong to the system; name a field of the table",
            )


def _is_reserved(field: str) -> bool:
    return field.startswith("_") and field not in ("_id", "_creationTime")
