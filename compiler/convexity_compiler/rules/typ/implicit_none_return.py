"""TYP006."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values.validators import accepts_null

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.records import replace
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.editing import insert_after, insert_before
from convexity_compiler.rules.usage.fitting import literal_misfits, typed_misfits
from convexity_compiler.rules.usage.flow import falls_off
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.local_types import local_types
from convexity_compiler.rules.writing.names import VALUES, Names, UnwritableError
from convexity_compiler.summary.expressions import Constant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity.values import Validator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import Evaluated, LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.span import Span


class ImplicitNoneReturn(Rule):
    """A handler ends without the value that `returns` promises, or with one that it does not.

    ## What it does

    Finds handlers whose `returns` does not let null through, and that have a way to end without a
    value: a bare `return`, or the end of the body. Under `returns=v.null()` it finds values that
    are returned. A `match`, and a chain of tests of the same value, may leave nothing out and are
    taken to do so; so is a body that is `...` alone.

    ## Why is this bad?

    The result is checked, and the call fails, in the one case that nobody tried.

    ## Example

    ```python
    @query(args={"size": v.number()}, returns=v.string())
    async def describe(ctx: QueryCtx, size: float) -> Any:
        if size > 10:
            return "large"
    ```

    ## Use instead

    ```python
    @query(args={"size": v.number()}, returns=v.string())
    async def describe(ctx: QueryCtx, size: float) -> Any:
        if size > 10:
            return "large"
        return "small"
    ```

    ## Fix safety

    The fix lets null through, in `returns` and in the annotation of the result. It is unsafe:
    clients may not expect null.

    ## References

    - Convex guidelines, *New function syntax*: a function that returns nothing has
      `returns: v.null()`, and "when using the `v.null()` validator" returns null.
    """

    name = "implicit-none-return"
    code = "TYP006"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the ways out of every handler."""
        for use in functions(project):
            evaluated = use.registered.returns if use.registered else None
            validator = evaluated.validator if evaluated else None
            if validator is None or evaluated is None or use.function.is_generator:
                continue
            faults = list(_faults(project, use, validator))
            fix = _fix(project, use, evaluated) if faults and validator.kind != "null" else None
            for span, message, remedy in faults:
                yield self.finding(
                    project,
                    Location(use.module, span),
                    message,
                    help=remedy,
                    labels=(label_at(project, evaluated.location, "the validator"),),
                    fix=fix,
                )


def _fix(project: LinkedProject, use: FunctionUse, evaluated: Evaluated) -> Fix | None:
    place, annotation = evaluated.location, use.function.returns
    if place.module != use.module or isinstance(annotation, Constant):
        return None
    names = Names(project, use.module)
    try:
        nullable = f"{names.name(VALUES, 'v')}.nullable("
    except UnwritableError:
        return None
    edits = [
        insert_before(project, use.module, place.span, nullable),
        insert_after(project, use.module, place.span, ")"),
    ]
    if annotation is not None:
        edits.append(insert_after(project, use.module, annotation.span, " | None"))
    # All ways out of a function want the same edits.
    edits = [replace(edit, shared=True) for edit in edits]
    return Fix(title="let null through", applicability="unsafe", edits=(*edits, *names.edits))


def _faults(
    project: LinkedProject, use: FunctionUse, validator: Validator
) -> Iterator[tuple[Span, str, str]]:
    name = use.function.name
    if validator.kind == "null":
        types = local_types(use)
        for statement in use.returns:
            if statement.value is not None and (
                any(literal_misfits(validator, statement.value, types))
                or any(typed_misfits(validator, statement.value, types))
            ):
                remedy = "return nothing, or describe the value in `returns`"
                yield statement.value.span, f"`{name}` returns a value under `v.null()`", remedy
        return
    if accepts_null(validator):
        return
    remedy = "return a value or raise, or let `returns` be `v.nullable(...)`"
    for statement in use.returns:
        if statement.value is None:
            message = f"`{name}` returns nothing, and its `returns` does not let null through"
            yield statement.span, message, remedy
    if falls_off(project, use):
        message = f"`{name}` can end without a value, and its `returns` does not let null through"
        yield use.function.name_span, message, remedy
