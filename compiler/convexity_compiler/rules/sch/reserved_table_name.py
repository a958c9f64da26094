"""SCH002."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class ReservedTableName(Rule):
    """A table has a name that begins with an underscore.

    ## What it does

    Finds table names with a leading underscore.

    ## Why is this bad?

    These names belong to system tables such as `_storage`.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        _users=define_table(name=v.string()),
    )
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(name=v.string()),
    )
    ```

    ## References

    - `TableNameReserved` in `crates/common/src/schemas` of get-convex/convex-backend.
    """

    name = "reserved-table-name"
    code = "SCH002"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the names of all tables."""
        for table in project.tables:
            if table.name.startswith("_"):
                yield self.finding(
                    project,
                    table.name_location,
                    f"table name `{table.name}` is reserved",
                    help="remove the underscore, it marks system tables",
                )
