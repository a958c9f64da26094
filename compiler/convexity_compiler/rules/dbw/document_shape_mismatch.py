"""DBW004."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values import ObjectValidator, UnionValidator

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.usage.documents import SYSTEM_FIELDS, absent_nulls, written_documents
from convexity_compiler.rules.usage.literals import Misfit, misfits, object_misfits
from convexity_compiler.rules.usage.tables import rename_literal
from convexity_compiler.summary.expressions import Constant, Dict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject, LinkedTable
    from convexity_compiler.rules.usage.documents import WrittenDocument


class DocumentShapeMismatch(Rule):
    """A document that is written does not have the shape of its table.

    ## What it does

    Compares the dict literals of `ctx.db.insert`, `patch` and `replace` with the table: fields that
    it does not have, required fields that are missing, and literals of another type. For `patch`
    and `replace` the table is known where the id is a parameter of the handler. Values that are not
    literals are not looked at.

    ## Why is this bad?

    The schema is enforced when documents are written, and the call fails. Type checkers see it too,
    but answer with the shapes of all tables.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(messages=define_table(content=v.string(), likes=v.number()))


    # convex/messages.py
    @mutation(args={}, returns=v.null())
    async def send(ctx: MutationCtx) -> None:
        await ctx.db.insert("messages", {"contents": "hello", "likes": "none"})
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(messages=define_table(content=v.string(), likes=v.number()))


    # convex/messages.py
    @mutation(args={}, returns=v.null())
    async def send(ctx: MutationCtx) -> None:
        await ctx.db.insert("messages", {"content": "hello", "likes": 0})
    ```

    ## Fix safety

    Where a field has a name that the table does not know, the fix writes the nearest one that it
    does. It is unsafe: another field may be meant.

    ## References

    - Convex, *Schemas*: documents are validated against the schema when they are written.
    """

    name = "document-shape-mismatch"
    code = "DBW004"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every document that is written as a literal."""
        if project.schema is None or not project.schema.schema_validation:
            return
        for document in written_documents(project):
            table = document.table
            if table is None:
                continue
            elsewhere = {item.value.span for item in absent_nulls(document)}
            for misfit in _misfits(document, table):
                if misfit.span in elsewhere:
                    continue
                source = table.document.field(misfit.suggestion)
                place = source.key if source else table.name_location
                location = Location(document.module, misfit.span)
                yield self.finding(
                    project,
                    location,
                    f"table `{table.name}`: {misfit.reason}",
                    label=f"did you mean `{misfit.suggestion}`?" if misfit.suggestion else "",
                    labels=(label_at(project, place, "this field" if source else "the table"),),
                    fix=rename_literal(project, location, misfit.suggestion),
                )


def _misfits(document: WrittenDocument, table: LinkedTable) -> list[Misfit]:
    validator = table.document.validator
    if isinstance(validator, ObjectValidator):
        return list(
            object_misfits(
                dict(validator.fields),
                document.literal,
                required=document.method != "patch",
                extra=SYSTEM_FIELDS,
            )
        )
    if isinstance(validator, UnionValidator) and document.method != "patch":
        return misfits(validator, _without_system_fields(document.literal))
    return []


def _without_system_fields(literal: Dict) -> Dict:
    items = tuple(
        item
        for item in literal.items
        if not (isinstance(item.key, Constant) and item.key.value in SYSTEM_FIELDS)
    )
    return Dict(literal.span, items)
