"""IDX006."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.writing.index_renames import remove_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class RedundantPrefixIndex(Rule):
    """The fields of an index begin another index.

    ## What it does

    Finds indexes whose fields are the first fields of a longer index of the table.

    ## Why is this bad?

    The longer index answers the same ranges, and each index costs with every write. Keep the
    shorter one only for its order by creation time.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(team=v.string(), name=v.string())
        .index("by_team", ["team"])
        .index("by_team_and_name", ["team", "name"]),
    )
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(team=v.string(), name=v.string()).index(
            "by_team_and_name", ["team", "name"]
        ),
    )
    ```

    ## Fix safety

    The fix removes the shorter index, and makes its queries use the longer one. It is unsafe: rows
    then come in the order of the longer one's other fields, not of their creation.

    ## References

    - The best practices of Convex, *Check for redundant indexes*.
    """

    name = "redundant-prefix-index"
    code = "IDX006"
    category = "performance"
    severity = "warning"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Compare fields within each table."""
        for table in project.tables:
            indexes = [index for index in table.indexes if index.kind == "index" and index.fields]
            for index in indexes:
                length = len(index.fields)
                for other in indexes:
                    if other.name == index.name:
                        continue
                    if length < len(other.fields) and other.fields[:length] == index.fields:
                        yield self.finding(
                            project,
                            index.location,
                            f"index `{index.name}` is the beginning of `{other.name}`",
                            help=f"use `{other.name}`; keep `{index.name}` only for its order"
                            " by creation time, with a comment that ignores this rule",
                            labels=(label_at(project, other.location, "the longer index"),),
                            fix=remove_index(project, table, index, other),
                        )
                        break
