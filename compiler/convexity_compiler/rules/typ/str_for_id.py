"""TYP004."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity.values import ObjectValidator
from convexity.values.validators import required

from convexity_compiler.link.agreement import agrees, annotation_text
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.typ.spelling import TEXT, is_text_for_id, replace_annotation
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.local_types import local_types

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity.values import Validator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedFunction, LinkedParameter, LinkedProject
    from convexity_compiler.link.types import AnnotatedType
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.summary.model import Parameter

_TAKING_IDS: Final = frozenset(
    {(("db",), "get"), (("db",), "patch"), (("db",), "replace"), (("db",), "delete")}
    | {(("db", "system"), "get"), (("storage",), "get_url"), (("storage",), "delete")}
)
"""Methods whose first argument is an id, by owner."""


class StrForId(Rule):
    """An id is annotated as a string.

    ## What it does

    Finds `str` in the annotation of a parameter or result whose validator says `v.id(...)`, and
    strings that are given to `ctx.db.get`, `patch`, `replace` and `delete` and to `ctx.storage`.

    ## Why is this bad?

    `Id[Users]` tells which table an id belongs to, so that a type checker sees a mix-up, and knows
    the document that `ctx.db.get` gives. A `str` tells nothing.

    ## Example

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(users=define_table(name=v.string()))


    # convex/users.py
    @query(args={"id": v.id("users")}, returns=v.null())
    async def visit(ctx: QueryCtx, id: str) -> None: ...
    ```

    ## Use instead

    ```python
    # convex/schema.py
    from convexity.server import define_schema, define_table

    schema = define_schema(users=define_table(name=v.string()))


    # convex/users.py
    @query(args={"id": v.id("users")}, returns=v.null())
    async def visit(ctx: QueryCtx, id: Id[Users]) -> None: ...
    ```

    ## Fix safety

    The fix writes the annotation with its imports, and is safe: annotations do not change what the
    validator lets through.

    ## References

    - Convex guidelines, *Typescript guidelines*: "Be strict with types, particularly around id's of
      documents. For example, if a function takes in an id for a document in the 'users' table, take
      in `Id<'users'>` rather than `string`."
    """

    name = "str-for-id"
    code = "TYP004"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at annotations first, then at what is done with strings."""
        for function in project.functions:
            args = function.args.validator if function.args else None
            fields = args.fields if isinstance(args, ObjectValidator) else {}
            for linked in function.parameters:
                validator = fields.get(linked.wire_name)
                if validator is not None:
                    yield from self._annotation(
                        project, function, linked.annotation, validator, linked
                    )
            returned = function.returns.validator if function.returns else None
            if returned is not None:
                yield from self._annotation(
                    project, function, function.return_annotation, returned, None
                )
        yield from self._uses(project)

    def _annotation(
        self,
        project: LinkedProject,
        function: LinkedFunction,
        annotation: AnnotatedType,
        validator: Validator,
        linked: LinkedParameter | None,
    ) -> Iterator[Diagnostic]:
        mismatch = agrees(annotation.type, validator)
        if annotation.span is None or mismatch is None or not is_text_for_id(mismatch):
            return
        assert mismatch.validator is not None
        evaluated = function.returns if linked is None else function.args
        source = evaluated.field(linked.wire_name) if evaluated and linked else None
        place = (
            (source.value or source.key) if source else evaluated.location if evaluated else None
        )
        meant = annotation_text(mismatch.validator)
        yield self.finding(
            project,
            Location(function.module, annotation.span),
            f"{_subject(function, linked)} is annotated as a string, and is an id",
            label=f"`{meant}` is meant" if not mismatch.path else "",
            help=f"write `{meant}` for the `str`",
            labels=(label_at(project, place, "the validator"),) if place else (),
            fix=replace_annotation(project, function.module, annotation.span, validator, linked),
        )

    def _uses(self, project: LinkedProject) -> Iterator[Diagnostic]:
        for use in functions(project):
            for site in use.context_calls:
                if (
                    site.owner.path,
                    site.method.name,
                ) not in _TAKING_IDS or not site.call.arguments:
                    continue
                argument = site.call.arguments[0]
                if local_types(use).of(argument) != TEXT:
                    continue
                name = use.scope.parameter(argument)
                parameter = next(
                    (entry for entry in use.function.parameters if entry.name == name), None
                )
                place = parameter.annotation if parameter else None
                yield self.finding(
                    project,
                    Location(use.module, argument.span),
                    f"`{site.method.name}` takes an id, and this is a string",
                    help=f'write `v.id("<table>")` for `{name}` in `args`, and annotate it as'
                    " `Id[<Table>]`"
                    if _is_text_argument(use, parameter)
                    else "let it be an `Id[...]` where it comes from, or ask"
                    " `ctx.db.normalize_id(...)` for one",
                    labels=(label_at(project, Location(use.module, place.span), "a string"),)
                    if place
                    else (),
                )


def _is_text_argument(use: FunctionUse, parameter: Parameter | None) -> bool:
    """Whether a parameter is an argument that ``args`` declares as a string."""
    if parameter is None or use.registered is None or use.registered.args is None:
        return False
    validator = use.registered.args.validator
    if not isinstance(validator, ObjectValidator):
        return False
    return any(
        linked.parameter.name == parameter.name
        and (field := validator.fields.get(linked.wire_name)) is not None
        and required(field).kind == "string"
        for linked in use.registered.parameters
    )


def _subject(function: LinkedFunction, linked: LinkedParameter | None) -> str:
    if linked is None:
        return f"the result of `{function.definition.name}`"
    return f"`{linked.parameter.name}`"
