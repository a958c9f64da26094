"""FUN006."""

from __future__ import annotations

import difflib
from keyword import iskeyword
from typing import TYPE_CHECKING

from convexity.values import ObjectValidator, OptionalValidator
from convexity.values.validators import accepts_null

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.editing import append_item, insert_after, replace_text
from convexity_compiler.rules.fun.missing_ctx_parameter import takes_argument_as_context
from convexity_compiler.rules.writing.annotations import AnnotationWriter
from convexity_compiler.rules.writing.names import VALUES, Names, UnwritableError
from convexity_compiler.rules.writing.parameter_renames import rename_parameter
from convexity_compiler.rules.writing.strings import double_quoted
from convexity_compiler.rules.writing.validators import ValidatorWriter
from convexity_compiler.summary.expressions import Dict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic, Label
    from convexity_compiler.link.model import LinkedFunction, LinkedParameter, LinkedProject


class ArgsSignatureMismatch(Rule):
    """The parameters of a handler and its `args` differ in names.

    ## What it does

    Compares the keys of `args` with the parameters behind the context. A parameter `from_` stands
    for the argument `from`.

    ## Why is this bad?

    Arguments arrive by keyword: a declared argument without a parameter raises `TypeError` at the
    first call, a parameter without an argument never receives a value.

    ## Example

    ```python
    @query(args={"authorId": v.string()}, returns=v.null())
    async def posts(ctx: QueryCtx, author: str) -> None: ...
    ```

    ## Use instead

    ```python
    @query(args={"authorId": v.string()}, returns=v.null())
    async def posts(ctx: QueryCtx, authorId: str) -> None: ...
    ```

    ## Fix safety

    A parameter whose name is likely to be a slip gets the name of its argument, wherever the
    handler uses it. For another parameter that is not in `args`, the fix adds its validator, from
    its annotation; for an argument without a parameter it adds one, with the annotation of its
    validator. All are unsafe: the other side may be what is wrong.

    ## References

    - [The language, *Names*](../reference/language.md#names): function and argument names are
      wire names.
    """

    name = "args-signature-mismatch"
    code = "FUN006"
    fixable = True
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Compare names wherever both sides are known."""
        for function in project.functions:
            if (
                function.args is None
                or not isinstance(function.args.validator, ObjectValidator)
                or function.context is None
                or takes_argument_as_context(function)
                or any(p.kind == "var_keyword" for p in function.definition.parameters)
            ):
                continue
            declared = list(function.args.validator.fields)
            taken = [
                linked.wire_name
                for linked in function.parameters
                if linked.parameter.kind != "var_positional"
            ]
            yield from self._compare(project, function, declared, taken)

    def _compare(
        self,
        project: LinkedProject,
        function: LinkedFunction,
        declared: list[str],
        taken: list[str],
    ) -> Iterator[Diagnostic]:
        name = function.definition.name
        missing = [argument for argument in declared if argument not in taken]
        extra = [parameter for parameter in taken if parameter not in declared]
        for parameter in extra:
            linked = function.parameter(parameter)
            if linked is not None and linked.parameter.name in missing:
                missing.remove(linked.parameter.name)
                yield self._escaped(project, function, linked)
                continue
            nearest = difflib.get_close_matches(parameter, missing, n=1, cutoff=0.5)
            renamed = nearest[0] if nearest else None
            if renamed is None and len(missing) == len(extra) == 1:
                renamed = missing[0]
            remedy = f"add `{parameter}` to `args`, or remove the parameter"
            if renamed:
                missing.remove(renamed)
                remedy = f"call both `{renamed}` or both `{parameter}`"
            span = linked.parameter.span if linked else function.location.span
            yield self.finding(
                project,
                Location(function.module, span),
                f"parameter `{parameter}` of `{name}` is not in its `args`",
                help=remedy,
                labels=_declaration(project, function, renamed),
                fix=_fix(project, function, linked, renamed) if linked else None,
            )
        for argument in missing:
            yield self.finding(
                project,
                function.location,
                f"`{name}` has no parameter for its argument `{argument}`",
                help=f"add a parameter `{argument}`, or remove it from `args`",
                labels=_declaration(project, function, argument),
                fix=_take(project, function, argument),
            )

    def _escaped(
        self, project: LinkedProject, function: LinkedFunction, linked: LinkedParameter
    ) -> Diagnostic:
        """Return the finding for `args` with the Python name of a parameter like ``from_``."""
        python, wire = linked.parameter.name, linked.wire_name
        field = function.args.field(python) if function.args else None
        key = field.key if field else None
        is_text = key is not None and project.text_of(key).strip("\"'") == python
        fix = None
        if key is not None and is_text:
            edit = replace_text(project, key.module, key.span, double_quoted(wire))
            fix = Fix(title=f"write `{double_quoted(wire)}`", applicability="unsafe", edits=(edit,))
        return self.finding(
            project,
            key or Location(function.module, linked.parameter.span),
            f"parameter `{python}` stands for the argument `{wire}`, which is not in `args`",
            help=f'write `args={{"{wire}": ...}}`',
            fix=fix,
        )


def _declaration(
    project: LinkedProject, function: LinkedFunction, argument: str | None
) -> tuple[Label, ...]:
    field = function.args.field(argument) if function.args and argument else None
    return (label_at(project, field.key, f"`{argument}` is declared here"),) if field else ()


def _fix(
    project: LinkedProject, function: LinkedFunction, linked: LinkedParameter, renamed: str | None
) -> Fix | None:
    if renamed is None:
        return _declare(project, function, linked)
    return rename_parameter(project, function, linked.parameter, renamed)


def _declare(
    project: LinkedProject, function: LinkedFunction, linked: LinkedParameter
) -> Fix | None:
    """Add the validator of a parameter to ``args``."""
    display = function.args.expression if function.args else None
    names = Names(project, function.module)
    if not isinstance(display, Dict) or linked.parameter.kind.startswith("var"):
        return None
    try:
        validator = ValidatorWriter(project, function.module, names).argument(linked)
    except UnwritableError:
        return None
    text = f"{double_quoted(linked.wire_name)}: {validator}"
    edit = append_item(project, function.module, display, text)
    title = f"add `{text}` to `args`"
    return Fix(title=title, applicability="unsafe", edits=(edit, *names.edits))


def _take(project: LinkedProject, function: LinkedFunction, argument: str) -> Fix | None:
    """Add a parameter for an argument."""
    module, parameters = function.module, function.definition.parameters
    validator = function.args.validator if function.args else None
    if not isinstance(validator, ObjectValidator) or not argument.isidentifier():
        return None
    field = validator.fields[argument]
    has_defaults = any(parameter.default is not None for parameter in parameters)
    if iskeyword(argument) or not parameters or (has_defaults and not field.is_optional):
        return None
    names = Names(project, module)
    try:
        text = f"{argument}: {AnnotationWriter(project, names).parameter_annotation(field)}"
        if isinstance(field, OptionalValidator):
            unset = accepts_null(field.inner)
            text += f" = {names.name(VALUES, 'UNSET') if unset else 'None'}"
    except UnwritableError:
        return None
    edit = insert_after(project, module, parameters[-1].span, f", {text}")
    title = f"add the parameter `{text}`"
    return Fix(title=title, applicability="unsafe", edits=(edit, *names.edits))
