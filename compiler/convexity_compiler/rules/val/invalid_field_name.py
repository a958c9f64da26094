"""VAL008."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values.names import identifier_problem

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.summary.expressions import Constant, Dict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


SYSTEM_FIELDS = ("_id", "_creationTime")


class InvalidFieldName(Rule):
    """A field has a name that documents cannot hold.

    ## What it does

    Checks the keys of `args`, of tables and of `v.object`: ASCII letters, digits and underscores,
    no digit in front, at most 64 characters. Fields of a table do not begin with an underscore
    either.

    ## Why is this bad?

    A document with such a field is refused.

    ## Example

    ```python
    @query(args={"$filter": v.string()}, returns=v.null())
    async def find(ctx: QueryCtx, **fields: str) -> None: ...
    ```

    ## Use instead

    ```python
    @query(args={"filter": v.string()}, returns=v.null())
    async def find(ctx: QueryCtx, filter: str) -> None: ...
    ```

    ## References

    - `crates/convex/sync_types/src/identifier.rs` of get-convex/convex-backend.
    """

    name = "invalid-field-name"
    code = "VAL008"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the fields of args and tables, then at those of every object."""
        for location, name in invalid_field_names(project).items():
            yield self.finding(
                project,
                location,
                f"field name `{name}` {identifier_problem(name)}",
                help="use letters, digits and underscores, or `v.record(...)` for open keys",
            )
        for table in project.tables:
            for field in table.document.fields:
                if field.name.startswith("_") and field.name not in SYSTEM_FIELDS:
                    yield self.finding(
                        project,
                        field.key,
                        f"field name `{field.name}` begins with an underscore",
                        help="remove the underscore, it marks the system's own fields",
                    )


def invalid_field_names(project: LinkedProject) -> dict[Location, str]:
    """Return the names that validators refuse, by place."""
    fields = {location: name for name, location in _fields(project)}
    return {place: name for place, name in fields.items() if identifier_problem(name) is not None}


def _fields(project: LinkedProject) -> Iterator[tuple[str, Location]]:
    documents = [function.args for function in project.functions if function.args]
    documents += [table.document for table in project.tables]
    for document in documents:
        for field in document.fields:
            yield field.name, field.key
    for use in project.validator_uses:
        if use.name == "object" and use.call and use.call.arguments:
            first = use.call.arguments[0]
            for item in first.items if isinstance(first, Dict) else ():
                if isinstance(item.key, Constant) and isinstance(item.key.value, str):
                    yield item.key.value, Location(use.location.module, item.key.span)
