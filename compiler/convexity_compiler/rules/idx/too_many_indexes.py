"""IDX014."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity.values.limits import MAX_INDEXES_PER_TABLE

from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


_PROMISED: Final = 32
"""Indexes that a table may have according to the documentation."""


class TooManyIndexes(Rule):
    """A table has too many indexes.

    ## What it does

    Counts the indexes of each table, of all kinds: 32 are promised, and 64 is where a schema is
    refused.

    ## Why is this bad?

    Each index is written with each document; above the limit the schema is refused.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(v.any())
        .index("by_f0", ["f0"])
        .index("by_f1", ["f1"])
        .index("by_f2", ["f2"])
        .index("by_f3", ["f3"])
        .index("by_f4", ["f4"])
        .index("by_f5", ["f5"])
        .index("by_f6", ["f6"])
        .index("by_f7", ["f7"])
        .index("by_f8", ["f8"])
        .index("by_f9", ["f9"])
        .index("by_f10", ["f10"])
        .index("by_f11", ["f11"])
        .index("by_f12", ["f12"])
        .index("by_f13", ["f13"])
        .index("by_f14", ["f14"])
        .index("by_f15", ["f15"])
        .index("by_f16", ["f16"])
        .index("by_f17", ["f17"])
        .index("by_f18", ["f18"])
        .index("by_f19", ["f19"])
        .index("by_f20", ["f20"])
        .index("by_f21", ["f21"])
        .index("by_f22", ["f22"])
        .index("by_f23", ["f23"])
        .index("by_f24", ["f24"])
        .index("by_f25", ["f25"])
        .index("by_f26", ["f26"])
        .index("by_f27", ["f27"])
        .index("by_f28", ["f28"])
        .index("by_f29", ["f29"])
        .index("by_f30", ["f30"])
        .index("by_f31", ["f31"])
        .index("by_f32", ["f32"]),
    )
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(v.any()).index("by_f0", ["f0"]),
    )
    ```

    ## References

    - Convex, *Limits*: 32 indexes per table; `crates/common/src/schemas` enforces 64.
    """

    name = "too-many-indexes"
    code = "IDX014"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Count the indexes of all tables."""
        for table in project.tables:
            count = len(table.indexes)
            if count > _PROMISED:
                limit = MAX_INDEXES_PER_TABLE if count > MAX_INDEXES_PER_TABLE else _PROMISED
                yield self.finding(
                    project,
                    table.name_location,
                    f"table `{table.name}` has {count} indexes, {limit} are allowed",
                    help="remove those that no query needs, or divide the table",
                )
