"""TYP003."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values import ObjectValidator

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.meaning import meaning
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import insert_after, replace_text
from convexity_compiler.rules.fun.missing_ctx_parameter import takes_argument_as_context
from convexity_compiler.rules.fun.variadic_handler import VARIADIC_KINDS
from convexity_compiler.rules.typ.spelling import written_annotation
from convexity_compiler.rules.usage.values import CONTEXT_NAMES
from convexity_compiler.rules.writing.names import GENERATED_SERVER, imported_name
from convexity_compiler.rules.writing.signatures import after_name, parameters_place
from convexity_compiler.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity.values import Validator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedFunction, LinkedParameter, LinkedProject
    from convexity_compiler.rules.usage.values import ContextKind
    from convexity_compiler.summary.model import Parameter


class MissingAnnotation(Rule):
    """A parameter or the result of a handler has no annotation.

    ## What it does

    Finds unannotated parameters, the context among them, and handlers without a return annotation.

    ## Why is this bad?

    A type checker then checks nothing inside the handler, and the validators have nothing to be
    compared with.

    ## Example

    ```python
    @query(args={"name": v.string()}, returns=v.string())
    async def greet(ctx: QueryCtx, name) -> str:
        return f"hello {name}"
    ```

    ## Use instead

    ```python
    @query(args={"name": v.string()}, returns=v.string())
    async def greet(ctx: QueryCtx, name: str) -> str:
        return f"hello {name}"
    ```

    ## Fix safety

    The fix writes the annotation of the validator, or the context of the kind of function, with
    the imports it needs, and is safe: annotations do not change what the validator lets through.

    ## References

    - [The language, *Agreement of annotations and
      validators*](../reference/language.md#2-agreement-of-annotations-and-validators).
    """

    name = "missing-annotation"
    code = "TYP003"
    category = "style"
    severity = "warning"

    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at parameters and results."""
        for function in project.functions:
            name = function.definition.name
            context = function.context
            if context and context.annotation is None and not takes_argument_as_context(function):
                expected = CONTEXT_NAMES[_kind(function)]
                yield self.finding(
                    project,
                    Location(function.module, context.span),
                    f"context `{context.name}` of `{name}` has no annotation",
                    help=f"write `{context.name}: {expected}`",
                    fix=_fix_context(project, function, context, expected),
                )
            fields = (
                function.args.validator.fields
                if function.args and isinstance(function.args.validator, ObjectValidator)
                else {}
            )
            for linked in function.parameters:
                validator = fields.get(linked.wire_name)
                if (
                    linked.parameter.annotation is None
                    and linked.parameter.kind not in VARIADIC_KINDS
                ):
                    yield self.finding(
                        project,
                        Location(function.module, linked.parameter.span),
                        f"parameter `{linked.parameter.name}` of `{name}` has no annotation",
                        help=_remedy(validator),
                        fix=_fix_parameter(project, function, linked, validator),
                    )
            if function.definition.returns is None:
                validator = function.returns.validator if function.returns else None
                yield self.finding(
                    project,
                    function.location,
                    f"result of `{name}` has no annotation",
                    help=_remedy(validator),
                    fix=_fix_result(project, function, validator),
                )


def _remedy(validator: Validator | None) -> str:
    if validator is None:
        return "annotate it with the type of its validator"
    return f"its validator means {meaning(validator)}"


def _kind(function: LinkedFunction) -> ContextKind:
    return "action" if function.kind == "http_action" else function.kind


def _fix_context(
    project: LinkedProject, function: LinkedFunction, context: Parameter, expected: str
) -> Fix | None:
    found = imported_name(project, function.module, GENERATED_SERVER, expected)
    if found is None:
        return None
    text, imports = found
    edit = insert_after(project, function.module, after_name(context), f": {text}")
    return Fix(title=f"annotate it `{text}`", applicability="safe", edits=(edit, *imports))


def _fix_parameter(
    project: LinkedProject,
    function: LinkedFunction,
    linked: LinkedParameter,
    validator: Validator | None,
) -> Fix | None:
    module, parameter = function.module, linked.parameter
    if validator is None:
        return None
    written = written_annotation(project, module, validator, linked)
    if written is None:
        return None
    text, imports = written
    name = after_name(parameter)
    edit = insert_after(project, module, name, f": {text}")
    if parameter.default is not None:
        gap = Span(*name[2:], *parameter.default.span[:2])
        if project.modules[module].source(gap).strip() == "=":
            edit = replace_text(project, module, gap, f": {text} = ")
    return Fix(title=f"annotate it `{text}`", applicability="safe", edits=(edit, *imports))


def _fix_result(
    project: LinkedProject, function: LinkedFunction, validator: Validator | None
) -> Fix | None:
    module = function.module
    place = parameters_place(project.modules[module], function.definition)
    if validator is None or place is None:
        return None
    written = written_annotation(project, module, validator)
    if written is None:
        return None
    text, imports = written
    line, column = place[2:]
    closing = Span(line, column, line, column + 1)
    edit = insert_after(project, module, closing, f" -> {text}")
    return Fix(title=f"annotate it `{text}`", applicability="safe", edits=(edit, *imports))
