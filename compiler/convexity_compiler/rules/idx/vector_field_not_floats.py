"""IDX017."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values import ArrayValidator, ObjectValidator, Validator

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.idx.field_kinds import validators_at
from convexity_compiler.rules.writing.names import VALUES, Names, UnwritableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject, LinkedTable


class VectorFieldNotFloats(Rule):
    """A vector index is on a field that is no list of numbers.

    ## What it does

    Compares the vector field of `.vector_index(...)` with the fields of the table.

    ## Why is this bad?

    There is no vector to compare. The schema is refused.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        notes=define_table(e=v.string()).vector_index("by_e", vector_field="e", dimensions=1536),
    )
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        notes=define_table(e=v.array(v.number())).vector_index(
            "by_e", vector_field="e", dimensions=1536
        ),
    )
    ```

    ## Fix safety

    The fix makes the field a list of numbers. It is unsafe: stored documents, and what writes them,
    may hold something else.

    ## References

    - Convex, *Vector search*: the vector field is an array of numbers.
    """

    name = "vector-field-not-floats"
    code = "IDX017"
    fixable = True
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at all vector indexes."""
        for table in project.tables:
            for index in table.indexes:
                if index.kind != "vector":
                    continue
                found = validators_at(table.document.validator, index.fields[0])
                if found and not any(map(_may_be_vector, found)):
                    yield self.finding(
                        project,
                        index.field_locations[0],
                        f"`{index.fields[0]}` is no list of numbers",
                        help="let the field be `v.array(v.number())`",
                        labels=(label_at(project, table.name_location, "the table"),),
                        fix=_fix(project, table, index.fields[0]),
                    )


def _fix(project: LinkedProject, table: LinkedTable, name: str) -> Fix | None:
    """Write another validator for the field, where it is written in the table."""
    source = table.document.field(name)
    validator = table.document.validator
    if source is None or source.value is None or not isinstance(validator, ObjectValidator):
        return None
    module = source.value.module
    names = Names(project, module)
    try:
        constructor = names.name(VALUES, "v")
    except UnwritableError:
        return None
    text = f"{constructor}.array({constructor}.number())"
    if validator.fields[name].is_optional:
        text = f"{constructor}.optional({text})"
    edit = replace_text(project, module, source.value.span, text)
    return Fix(title=f"use `{text}`", applicability="unsafe", edits=(edit, *names.edits))


def _may_be_vector(validator: Validator) -> bool:
    if isinstance(validator, ArrayValidator):
        return validator.element.kind in ("number", "any", "opaque", "union")
    return validator.kind in ("any", "opaque")
