"""SCH004."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.val.invalid_field_name import SYSTEM_FIELDS
from convexity_compiler.rules.writing.removals import remove_item

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import FieldSource, LinkedProject


class DeclaredSystemField(Rule):
    """A table declares `_id` or `_creationTime`.

    ## What it does

    Finds the system's fields among those of a table.

    ## Why is this bad?

    Every document has them; a declaration of your own is refused.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(_creationTime=v.number(), name=v.string()),
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

    ## Fix safety

    The fix removes the field, and is safe: every document has it anyway.

    ## References

    - Convex guidelines, *Schema guidelines*: "System fields are automatically added to all
      documents".
    """

    name = "declared-system-field"
    code = "SCH004"
    fixable = True
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the fields of all tables."""
        for table in project.tables:
            for field in table.document.fields:
                if field.name in SYSTEM_FIELDS:
                    yield self.finding(
                        project,
                        field.key,
                        f"table `{table.name}` declares the system field `{field.name}`",
                        help="remove it; `schema.doc(...)` describes documents with system fields",
                        fix=_fix(project, field),
                    )


def _fix(project: LinkedProject, field: FieldSource) -> Fix | None:
    module, key = field.key
    if field.value is None or field.value.module != module:
        return None
    item = Location(module, key.through(field.value.span))
    return Fix(title="remove the field", applicability="safe", edits=(remove_item(project, item),))
