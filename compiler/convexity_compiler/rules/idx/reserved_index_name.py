"""IDX002."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.naming import suggested_identifier
from convexity_compiler.rules.writing.index_renames import rename_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


_BUILT_IN = frozenset({"by_id", "by_creation_time"})


class ReservedIndexName(Rule):
    """An index has a name that is taken.

    ## What it does

    Finds indexes called `by_id` or `by_creation_time`, and names with a leading underscore.

    ## Why is this bad?

    Every table has these two indexes already.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(name=v.string()).index("by_id", ["name"]),
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

    The fix removes the underscore, in the schema and in every query, also through constants. It is
    unsafe: another name may be better.

    ## References

    - `IndexNameReserved` in `crates/common/src/schemas` of get-convex/convex-backend.
    """

    name = "reserved-index-name"
    code = "IDX002"
    fixable = True
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the names of all indexes."""
        for table in project.tables:
            for index in table.indexes:
                if index.name in _BUILT_IN:
                    message = f"index name `{index.name}` is taken by a built-in index"
                    remedy = "name it after its fields; the built-in index is there anyway"
                    fix = None
                elif index.name.startswith("_"):
                    message = f"index name `{index.name}` is reserved"
                    remedy = "remove the underscore"
                    name = suggested_identifier(index.name, "index")
                    fix = rename_index(project, table, index, name)
                else:
                    continue
                yield self.finding(project, index.name_location, message, help=remedy, fix=fix)
