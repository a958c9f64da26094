"""VAL014."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values import (
    ArrayValidator,
    ObjectValidator,
    OptionalValidator,
    RecordValidator,
    UnionValidator,
    Validator,
)
from convexity.values.limits import MAX_DOCUMENT_NESTING, MAX_OBJECT_FIELDS

from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class NestingTooDeep(Rule):
    """Documents of a table would be nested too deeply, or have too many fields.

    ## What it does

    Measures the validators of tables: at most 16 levels, the document being the first, and 1024
    fields in an object.

    ## Why is this bad?

    Such documents are refused.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(a=v.array(v.array(v.array(v.array(v.array(v.array(v.array(v.array(v.array(v.array(v.array(v.array(v.array(v.array(v.array(v.array(v.string()))))))))))))))))),
    )
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        messages=define_table(a=v.array(v.array(v.string()))),
    )
    ```

    ## References

    - `crates/common/src/document.rs` of get-convex/convex-backend.
    """

    name = "nesting-too-deep"
    code = "VAL014"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Measure the documents of all tables."""
        for table in project.tables:
            validator = table.document.validator
            if validator is None:
                continue
            depth, fields = _measure(validator)
            if depth > MAX_DOCUMENT_NESTING:
                yield self.finding(
                    project,
                    table.name_location,
                    f"documents of `{table.name}` are {depth} deep, {MAX_DOCUMENT_NESTING} may be",
                    help="keep what is inside in a table of its own",
                )
            if fields > MAX_OBJECT_FIELDS:
                yield self.finding(
                    project,
                    table.name_location,
                    f"documents of `{table.name}` have {fields} fields, {MAX_OBJECT_FIELDS} may be",
                    help="use a record, or divide the table",
                )


def _measure(validator: Validator) -> tuple[int, int]:
    """Depth, and the largest number of fields in one object."""
    match validator:
        case OptionalValidator(inner=inner):
            return _measure(inner)
        case UnionValidator(members=members):
            return _largest([_measure(member) for member in members])
        case ArrayValidator(element=value) | RecordValidator(value=value):
            depth, fields = _measure(value)
            return depth + 1, fields
        case ObjectValidator(fields=inside):
            depth, fields = _largest([_measure(field) for field in inside.values()])
            return depth + 1, max(fields, len(inside))
        case _:
            return 0, 0


def _largest(sizes: list[tuple[int, int]]) -> tuple[int, int]:
    return max((d for d, _ in sizes), default=0), max((f for _, f in sizes), default=0)
