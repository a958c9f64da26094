"""SCH001."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values.names import identifier_problem

from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.naming import suggested_identifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class InvalidTableName(Rule):
    """A table has a name that is no identifier.

    ## What it does

    Checks that table names are made of ASCII letters, digits and underscores, begin with no digit
    and have at most 64 characters.

    ## Why is this bad?

    A schema with such a table is refused.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        **{"chat-rooms": define_table(name=v.string())},
    )
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        chat_rooms=define_table(name=v.string()),
    )
    ```

    ## References

    - `InvalidTableName` in `crates/common/src/schemas` of get-convex/convex-backend.
    """

    name = "invalid-table-name"
    code = "SCH001"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the names of all tables."""
        for table in project.tables:
            fault = None if table.name.startswith("_") else identifier_problem(table.name)
            if fault:
                yield self.finding(
                    project,
                    table.name_location,
                    f"table name `{table.name}` {fault}",
                    help=f"rename it, to `{suggested_identifier(table.name, 'table')}` perhaps",
                )
