"""SCH003."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values import ObjectValidator, UnionValidator

from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity.values import Validator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class InvalidTableShape(Rule):
    """The documents of a table are not objects.

    ## What it does

    Checks that a table is defined by an object, a union of objects or `v.any()`.

    ## Why is this bad?

    Every document is an object with fields.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        tags=define_table(v.union(v.string(), v.object({"name": v.string()}))),
    )
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        tags=define_table(name=v.string()),
    )
    ```

    ## References

    - `InvalidTopLevelTypeInSchema` in `crates/common/src/schemas` of get-convex/convex-backend.
    """

    name = "invalid-table-shape"
    code = "SCH003"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the validators of all tables."""
        for table in project.tables:
            validator = table.document.validator
            if validator is not None and not _is_document(validator):
                yield self.finding(
                    project,
                    table.document.location,
                    f"documents of table `{table.name}` are not objects",
                    help="give the fields, or a union of `v.object(...)`",
                )


def _is_document(validator: Validator) -> bool:
    if isinstance(validator, UnionValidator):
        return all(_is_document(member) for member in validator.members)
    return isinstance(validator, ObjectValidator) or validator.kind == "any"
