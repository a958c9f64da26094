"""DBW008."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity.values import IdValidator, ObjectValidator

from convexity_compiler.link import types as t
from convexity_compiler.link.generated_types import marker_name
from convexity_compiler.link.model import Location
from convexity_compiler.link.platform import SYSTEM_TABLES
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.documents import written_documents
from convexity_compiler.rules.usage.fitting import typed_misfits
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.local_types import local_types, present
from convexity_compiler.rules.usage.tables import table_of
from convexity_compiler.rules.usage.targets import runs
from convexity_compiler.rules.usage.values import literal_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity.values import Validator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.fitting import TypedMisfit
    from convexity_compiler.rules.usage.functions import ContextCall, FunctionUse, QueryCall
    from convexity_compiler.rules.usage.local_types import LocalTypes
    from convexity_compiler.summary.expressions import Expr

_OWN_TABLES: Final[dict[tuple[tuple[str, ...], str], str]] = {
    (("scheduler",), "cancel"): "_scheduled_functions",
    (("storage",), "get_url"): "_storage",
    (("storage",), "get"): "_storage",
    (("storage",), "delete"): "_storage",
}
"""Table of the id that a method takes, by owner and method."""


class IdOfOtherTable(Rule):
    """The id of one table stands where that of another is due.

    ## What it does

    Follows ids through arguments, documents, variables and the results of `insert`, and compares
    their tables with what they are used for: fields of documents, arguments of other functions,
    index ranges, `ctx.storage`, `ctx.scheduler.cancel`, and `ctx.db` against `ctx.db.system`.

    ## Why is this bad?

    The write or the call is refused; in an index range nothing is ever found.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(name=v.string()),
        messages=define_table(author=v.id("users")).index("by_author", ["author"]),
    )


    # convex/messages.py
    @query(args={"id": v.id("messages")}, returns=v.any())
    async def replies(ctx: QueryCtx, id: Id[Messages]) -> Any:
        return await ctx.db.query("messages").with_index("by_author").eq("author", id).take(10)
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(
        users=define_table(name=v.string()),
        messages=define_table(author=v.id("users")).index("by_author", ["author"]),
    )


    # convex/messages.py
    @query(args={"id": v.id("users")}, returns=v.any())
    async def written_by(ctx: QueryCtx, id: Id[Users]) -> Any:
        return await ctx.db.query("messages").with_index("by_author").eq("author", id).take(10)
    ```

    ## References

    - Convex guidelines, *Typescript guidelines*: "Be strict with types, particularly around id's of
      documents".
    """

    name = "id-of-other-table"
    code = "DBW008"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at ids wherever their table is known on both sides."""
        for document in written_documents(project):
            validator = document.table.document.validator if document.table else None
            if validator is not None:
                types = local_types(document.use)
                literal = document.literal
                yield from self._misfits(project, document.use, validator, literal, types)
        for use in functions(project):
            types = local_types(use)
            for run in runs(use):
                reference = use.scope.reference(run.target)
                target = project.function(reference) if reference is not None else None
                args = target.args.validator if target and target.args else None
                if isinstance(args, ObjectValidator):
                    for keyword in run.site.call.keywords:
                        field = args.fields.get(keyword.name or "")
                        if field is not None:
                            yield from self._misfits(project, use, field, keyword.value, types)
            for site in use.context_calls:
                yield from self._call(project, use, site, types)
            for step in use.query_calls:
                yield from self._step(project, use, step, types)

    def _call(
        self, project: LinkedProject, use: FunctionUse, site: ContextCall, types: LocalTypes
    ) -> Iterator[Diagnostic]:
        if not site.call.arguments:
            return
        identifier = site.call.arguments[0]
        table = _OWN_TABLES.get((site.owner.path, site.method.name))
        if table is not None:
            yield from self._misfits(project, use, IdValidator(table), identifier, types)
            return
        is_system = site.owner.path == ("db", "system")
        if site.method.name != "get" or not (is_system or site.owner.path == ("db",)):
            return
        tables = _tables(types, identifier)
        wrong = [name for name in tables if (name in SYSTEM_TABLES) != is_system]
        if tables and len(wrong) == len(tables):
            yield self.finding(
                project,
                Location(use.module, identifier.span),
                f"the id is of table `{wrong[0]}`",
                help="read it with `ctx.db.get(...)`"
                if is_system
                else "read it with `ctx.db.system.get(...)`",
            )

    def _step(
        self, project: LinkedProject, use: FunctionUse, step: QueryCall, types: LocalTypes
    ) -> Iterator[Diagnostic]:
        table = table_of(project, step.query)
        field = literal_text(step.call, 0)
        if step.method.name != "eq" or table is None or len(step.call.arguments) != 2:
            return
        validator = table.document.validator
        if field == "_id":
            expected: Validator | None = IdValidator(table.name)
        else:
            expected = (
                validator.fields.get(field or "")
                if isinstance(validator, ObjectValidator)
                else None
            )
        if expected is not None:
            yield from self._misfits(project, use, expected, step.call.arguments[1], types)

    def _misfits(
        self,
        project: LinkedProject,
        use: FunctionUse,
        validator: Validator,
        expression: Expr,
        types: LocalTypes,
    ) -> Iterator[Diagnostic]:
        for misfit in typed_misfits(validator, expression, types):
            if misfit.kind == "id":
                yield self._misfit(project, use, misfit)

    def _misfit(self, project: LinkedProject, use: FunctionUse, misfit: TypedMisfit) -> Diagnostic:
        expected = misfit.refusal.validator if misfit.refusal else None
        remedy = "pass an id of the right table"
        if isinstance(expected, IdValidator):
            remedy = f"pass an `Id[{marker_name(expected.table_name)}]`"
        return self.finding(project, Location(use.module, misfit.span), misfit.reason, help=remedy)


def _tables(types: LocalTypes, identifier: Expr) -> list[str]:
    """Tables of what an expression may be; none unless all are known."""
    model = types.of(identifier)
    found = [
        member.table if isinstance(member, t.IdType) else None
        for member in (present(model) if model is not None else ())
    ]
    return [] if None in found else [table for table in found if table is not None]
