"""IDX012."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from convexity.values import ObjectValidator, OptionalValidator, UnionValidator

from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.usage.tables import rename_literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity.values import Validator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class UnknownIndexField(Rule):
    """An index names a field that documents do not have.

    ## What it does

    Looks up the fields of every index, of search and vector indexes too, in the table's validator.
    `a.b` is the field `b` of the object `a`; of a union, one member must have the field.

    ## Why is this bad?

    Such an index holds nothing to find.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(name=v.string()).index("by_nmae", ["nmae"]),
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

    The fix writes the nearest name of a field. It is unsafe: another field may be meant.

    ## References

    - `SchemaDefinitionError` in `crates/common/src/schemas` of get-convex/convex-backend.
    """

    name = "unknown-index-field"
    code = "IDX012"
    fixable = True
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look up the fields of all indexes."""
        for table in project.tables:
            validator = table.document.validator
            if validator is None:
                continue
            for index in table.indexes:
                fields = (*index.fields, *index.filter_fields)
                places = (*index.field_locations, *index.filter_locations)
                for field, place in zip(fields, places, strict=True):
                    if field.startswith("_") or _has_path(validator, field.split(".")):
                        continue
                    nearest = difflib.get_close_matches(field, _names(validator), n=1)
                    yield self.finding(
                        project,
                        place,
                        f"table `{table.name}` has no field `{field}`",
                        label=f"did you mean `{nearest[0]}`?" if nearest else "",
                        help="name a field of the table, or add it",
                        labels=(label_at(project, table.name_location, "the table"),),
                        fix=rename_literal(project, place, nearest[0]) if nearest else None,
                    )


def _has_path(validator: Validator, path: list[str]) -> bool:
    if not path or validator.kind in ("any", "record"):
        return True
    if isinstance(validator, OptionalValidator):
        return _has_path(validator.inner, path)
    if isinstance(validator, UnionValidator):
        return any(_has_path(member, path) for member in validator.members)
    if isinstance(validator, ObjectValidator):
        field = validator.fields.get(path[0])
        return field is not None and _has_path(field, path[1:])
    return False


def _names(validator: Validator) -> list[str]:
    if isinstance(validator, UnionValidator):
        return [name for member in validator.members for name in _names(member)]
    return list(validator.fields) if isinstance(validator, ObjectValidator) else []
