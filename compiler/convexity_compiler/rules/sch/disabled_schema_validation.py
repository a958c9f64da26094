"""SCH008."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.summary.expressions import Call, Constant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject, Location


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

    ## Fix safety

    The fix turns the validation on, and is unsafe: documents that are there already may not fit.

    ## References

    - Convex, *Schemas*: `schemaValidation`.
    """

    name = "disabled-schema-validation"
    code = "SCH008"
    category = "suspicious"
    severity = "warning"
    fixable = True

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
            fix=_fix(project, schema.location),
        )


def _fix(project: LinkedProject, call: Location) -> Fix | None:
    """Return the change of the option, where its value is written in the call."""
    for statement in project.modules[call.module].assignments:
        made = statement.statement.value
        if isinstance(made, Call) and made.span == call.span:
            given = made.keyword("schema_validation")
            if given is not None and isinstance(given.value, Constant):
                edit = replace_text(project, call.module, given.value.span, "True")
                return Fix(title="enforce the schema", applicability="unsafe", edits=(edit,))
    return None
