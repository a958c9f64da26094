"""VAL004."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from convexity.values import IdValidator

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.summary.expressions import Constant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


SYSTEM_TABLES = ("_storage", "_scheduled_functions")


class UnknownTableId(Rule):
    """An id names a table that the schema does not define.

    ## What it does

    Compares `v.id("...")` with the tables of schema.py. Without a schema it says nothing.

    ## Why is this bad?

    No document has such an id, so that no value passes the validator.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(name=v.string()),
        messages=define_table(authorId=v.id("user"), content=v.string()),
    )
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(name=v.string()),
        messages=define_table(authorId=v.id("users"), content=v.string()),
    )
    ```

    ## Fix safety

    The fix writes the nearest table name. It is unsafe: another table may be meant.

    ## References

    - Convex guidelines, *Typescript guidelines*: "Be strict with types, particularly around id's of
      documents".
    """

    name = "unknown-table-id"
    code = "VAL004"
    fixable = True
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every id validator, if the schema is known as a whole."""
        schema = project.schema
        if schema is None or not schema.is_complete:
            return
        for use in project.validator_uses:
            if use.name != "id" or not isinstance(use.validator, IdValidator):
                continue
            table = use.validator.table_name
            if table in schema.tables or table in SYSTEM_TABLES:
                continue
            owner = _component_with(project, table)
            nearest = difflib.get_close_matches(table, [*schema.tables, *SYSTEM_TABLES], n=1)
            if owner is not None:
                nearest = []
            known = schema.tables.get(nearest[0]) if nearest else None
            listed = ", ".join(f"`{name}`" for name in schema.tables) or "none"
            fix = None
            argument = use.call.arguments[0] if use.call and use.call.arguments else None
            if nearest and isinstance(argument, Constant):
                edit = replace_text(project, use.location.module, argument.span, f'"{nearest[0]}"')
                fix = Fix(title=f'use "{nearest[0]}"', applicability="unsafe", edits=(edit,))
            label = (
                label_at(project, known.name_location, f"`{known.name}` is defined here")
                if known
                else label_at(project, schema.location, "the schema")
            )
            yield self.finding(
                project,
                use.location,
                f"the schema has no table `{table}`",
                label=f"did you mean `{nearest[0]}`?" if nearest else "",
                help=f"it is a table of the component `{owner}`, whose ids are plain strings to"
                " those who use it: write `v.string()`"
                if owner is not None
                else f'replace it with "{nearest[0]}"'
                if nearest
                else f"its tables are {listed}",
                labels=(label,),
                fix=fix,
            )


def _component_with(project: LinkedProject, table: str) -> str | None:
    """Return the name of a component in use that has a table of that name."""
    for mount in project.app.components if project.app is not None else ():
        component = project.component(mount.name)
        schema = None if component is None else component.schema
        if schema is not None and table in schema.tables:
            return mount.name
    return None
