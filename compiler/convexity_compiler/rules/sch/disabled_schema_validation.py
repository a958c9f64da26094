"""SCH008."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class DisabledSchemaValidation(Rule):
    """Documents are not checked against the schema.

    ## What it does

    Finds `define_schema(..., schema_validation=False)`.

    ## Why is this bad?

    Documents of any shape are stored, and what functions believe about their fields may be wrong.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        {"users": define_table(name=v.string())},
        schema_validation=False,
    )
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        {"users": define_table(name=v.string())},
    )
    ```

    ## References

    - Convex, *Schemas*: `schemaValidation`.
    """

    name = "disabled-schema-validation"
    code = "SCH008"
    category = "suspicious"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the schema."""
        schema = project.schema
        if schema is None or schema.schema_validation or not project.tables:
            return
        yield self.finding(
            project,
            schema.location,
            "the schema is not enforced",
            help="remove `schema_validation=False` when all documents fit",
        )
