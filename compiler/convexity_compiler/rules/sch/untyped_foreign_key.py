"""SCH006."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity.values import ObjectValidator
from convexity.values.validators import required

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.summary.expressions import Attribute, Call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import FieldSource, LinkedProject

_ENDINGS: Final = ("_id", "Id")


class UntypedForeignKey(Rule):
    """A field that names another table holds plain strings.

    ## What it does

    Finds fields of type string that are called like a table of the schema with `Id` or `_id` behind
    it: `userId` beside a table `users`.

    ## Why is this bad?

    `v.id("users")` lets only ids of that table through, and a type checker sees which they are.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(name=v.string()),
        messages=define_table(userId=v.string(), text=v.string()),
    )
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(name=v.string()),
        messages=define_table(userId=v.id("users"), text=v.string()),
    )
    ```

    ## Fix safety

    The fix writes the id. It is unsafe: the field may hold something else, such as an id of another
    service.

    ## References

    - Convex guidelines, *Typescript guidelines*: "Be strict with types, particularly around id's of
      documents".
    """

    name = "untyped-foreign-key"
    code = "SCH006"
    category = "suspicious"
    severity = "warning"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Compare the fields of tables with the names of tables."""
        for table in project.tables:
            validator = table.document.validator
            if not isinstance(validator, ObjectValidator):
                continue
            for name, field in validator.fields.items():
                meant = _table(project, name)
                source = table.document.field(name)
                if meant is None or source is None or required(field).kind != "string":
                    continue
                yield self.finding(
                    project,
                    source.value or source.key,
                    f"`{name}` is a string, and table `{meant}` exists",
                    help=f'write `v.id("{meant}")`, if it holds ids of that table',
                    fix=_fix(project, source, meant),
                )


def _table(project: LinkedProject, field: str) -> str | None:
    """The table whose ids a field is called after."""
    for ending in _ENDINGS:
        stem = field.removesuffix(ending)
        if stem and stem != field:
            for name in (stem, f"{stem}s", f"{stem}es", f"{stem.removesuffix('y')}ies"):
                if name in project.table_names:
                    return name
    return None


def _fix(project: LinkedProject, source: FieldSource, table: str) -> Fix | None:
    """The fix for ``v.string()``, also inside ``v.optional(...)``."""
    call = source.expression
    while isinstance(call, Call) and len(call.arguments) == 1:
        call = call.arguments[0]
    if (
        source.value is None
        or not isinstance(call, Call)
        or not isinstance(call.function, Attribute)
        or call.function.name != "string"
    ):
        return None
    span = call.function.name_span.through(call.span)
    edit = replace_text(project, source.value.module, span, f'id("{table}")')
    return Fix(title=f'use `v.id("{table}")`', applicability="unsafe", edits=(edit,))
