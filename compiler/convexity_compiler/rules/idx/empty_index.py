"""IDX007."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class EmptyIndex(Rule):
    """An index has no fields.

    ## What it does

    Finds `.index(name, [])`.

    ## Why is this bad?

    It orders nothing, and the schema is refused. Every table has an index by creation time.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(text=v.string()).index("by_nothing", []),
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

    ## References

    - `crates/common/src/schemas` of get-convex/convex-backend: `EmptyIndex`.
    """

    name = "empty-index"
    code = "IDX007"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at all indexes."""
        for table in project.tables:
            for index in table.indexes:
                if not index.fields:
                    yield self.finding(
                        project,
                        index.location,
                        f"index `{index.name}` has no fields",
                        help="name at least one; by creation time there is `by_creation_time`",
                    )
