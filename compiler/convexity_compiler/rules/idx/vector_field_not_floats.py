"""IDX017."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values import ArrayValidator, Validator

from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.idx.field_kinds import validators_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


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

    ## References

    - Convex, *Vector search*: the vector field is an array of numbers.
    """

    name = "vector-field-not-floats"
    code = "IDX017"
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
                    )


def _may_be_vector(validator: Validator) -> bool:
    if isinstance(validator, ArrayValidator):
        return validator.element.kind in ("number", "any", "opaque", "union")
    return validator.kind in ("any", "opaque")
