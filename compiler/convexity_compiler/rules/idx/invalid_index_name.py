"""IDX003."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values.names import identifier_problem

from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.naming import suggested_identifier
from convexity_compiler.rules.writing.index_renames import rename_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class InvalidIndexName(Rule):
    """An index has a name that is no identifier.

    ## What it does

    Checks that index names are made of ASCII letters, digits and underscores, begin with no digit
    and have at most 64 characters.

    ## Why is this bad?

    A schema with such an index is refused.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(name=v.string()).index("by name", ["name"]),
    )
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(name=v.string()).index("by_name", ["name"]),
    )
    ```

    ## Fix safety

    The fix renames the index, in the schema and in every query, also through constants. It is
    unsafe: another name may be better.

    ## References

    - `InvalidIndexName` in `crates/common/src/schemas` of get-convex/convex-backend.
    """

    name = "invalid-index-name"
    code = "IDX003"
    fixable = True
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the names of all indexes."""
        for table in project.tables:
            for index in table.indexes:
                fault = None if index.name.startswith("_") else identifier_problem(index.name)
                if fault:
                    suggestion = suggested_identifier(index.name, "index")
                    yield self.finding(
                        project,
                        index.name_location,
                        f"index name `{index.name}` {fault}",
                        help=f"rename it, to `{suggestion}` perhaps",
                        fix=rename_index(project, table, index, suggestion),
                    )
