"""PRJ008."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class SchemaOutsideSchemaFile(Rule):
    """`define_schema` is called outside schema.py.

    ## What it does

    Finds schemas in any module but schema.py of the functions folder, or of a component's folder.

    ## Why is this bad?

    Only `schema` of schema.py is the schema. A second one checks nothing and creates nothing.

    ## Example

    ```python
    # convex/tables.py
    from convexity.server import define_schema, define_table

    schema = define_schema(users=define_table(name=v.string()))
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(users=define_table(name=v.string()))
    ```

    ## References

    - Convex guidelines, *Schema guidelines*: "Always define your schema in `convex/schema.ts`".
    """

    name = "schema-outside-schema-file"
    code = "PRJ008"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every call of ``define_schema``."""
        for construction in project.constructions:
            if construction.constructor != "define_schema":
                continue
            folder, _, name = construction.location.module.rpartition("/")
            if name == "schema" and (not folder or f"{folder}/convex_config" in project.modules):
                continue
            yield self.finding(
                project,
                construction.location,
                f"schema is defined in `{project.modules[construction.location.module].path}`",
                help="move it to `schema.py` of the functions folder",
            )
