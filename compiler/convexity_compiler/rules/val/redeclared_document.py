"""VAL015."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.platform import with_system_fields
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.writing.names import SCHEMA, Names, UnwritableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject, Location


class RedeclaredDocument(Rule):
    """A validator spells out the documents of a table.

    ## What it does

    Finds objects that are the fields of a table together with `_id` and `_creationTime`. As all
    rules of severity `info`, it runs only when it is selected, or in the profile `all`.

    ## Why is this bad?

    It has to be changed whenever the table is. `schema.doc("users")` follows by itself.

    ## Example

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["redeclared-document"]

    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(name=v.string()),
    )


    # convex/users.py
    user = v.object({"_id": v.id("users"), "_creationTime": v.number(), "name": v.string()})


    @query(args={}, returns=v.array(user))
    async def all(ctx: QueryCtx) -> list[UsersDoc]:
        return await ctx.db.query("users").take(10)
    ```

    ## Use instead

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["redeclared-document"]

    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(name=v.string()),
    )


    # convex/users.py
    from .schema import schema


    @query(args={}, returns=v.array(schema.doc("users")))
    async def all(ctx: QueryCtx) -> list[UsersDoc]:
        return await ctx.db.query("users").take(10)
    ```

    ## Fix safety

    The fix writes `schema.doc(...)`. It is unsafe: it imports the schema, and the type of the
    documents gets another name.

    ## References

    - [The language, `schema.doc`](../reference/language.md#schemas).
    """

    name = "redeclared-document"
    code = "VAL015"
    category = "style"
    severity = "info"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Compare every object with the documents of tables."""
        if project.schema is None:
            return
        documents = {
            with_system_fields(table.name, table.document.validator): table
            for table in project.schema.tables.values()
            if table.document.validator is not None and table.document.validator.kind == "object"
        }
        for use in project.validator_uses:
            table = documents.get(use.validator) if use.validator is not None else None
            if use.name == "object" and table is not None:
                yield self.finding(
                    project,
                    use.location,
                    f"this repeats the fields of table `{table.name}`",
                    help=f'use `schema.doc("{table.name}")`',
                    labels=(label_at(project, table.name_location, "the table"),),
                    fix=_fix(project, use.location, table.name),
                )


def _fix(project: LinkedProject, place: Location, table: str) -> Fix | None:
    if place.module == SCHEMA.path:
        return None  # which is not there yet
    names = Names(project, place.module)
    try:
        text = f'{names.name(SCHEMA, "schema")}.doc("{table}")'
    except UnwritableError:
        return None
    edit = replace_text(project, place.module, place.span, text)
    return Fix(title=f"use `{text}`", applicability="unsafe", edits=(edit, *names.edits))
