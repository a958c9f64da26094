"""TYP001."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values import ObjectValidator

from convexity_compiler.link.agreement import agrees
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.typ.spelling import (
    disagreement,
    is_reported_elsewhere,
    remedy,
    replace_annotation,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class ArgAnnotationMismatch(Rule):
    """The annotation of a parameter and the validator of its argument disagree.

    ## What it does

    Compares each annotation with the validator in `args`: `float` or `int` for `v.number()`,
    `Id[Users]` for `v.id("users")`, a TypedDict with the same keys for an object, a union with
    None for an optional argument.

    ## Why is this bad?

    The validator decides what arrives, the annotation what a type checker believes. Where they
    differ, checked code fails.

    ## Example

    ```python
    @query(args={"name": v.string()}, returns=v.null())
    async def greet(ctx: QueryCtx, name: float) -> None: ...
    ```

    ## Use instead

    ```python
    @query(args={"name": v.string()}, returns=v.null())
    async def greet(ctx: QueryCtx, name: str) -> None: ...
    ```

    ## Fix safety

    The fix writes the annotation of the validator, with the imports it needs, and is safe:
    annotations do not change what the validator lets through.

    ## References

    - [The language, *Agreement of annotations and
      validators*](../reference/language.md#2-agreement-of-annotations-and-validators).
    - Convex guidelines, *Typescript guidelines*: "Be strict with types, particularly around id's of
      documents".
    """

    name = "arg-annotation-mismatch"
    code = "TYP001"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Compare wherever both sides are known."""
        for function in project.functions:
            if function.args is None or not isinstance(function.args.validator, ObjectValidator):
                continue
            for linked in function.parameters:
                validator = function.args.validator.fields.get(linked.wire_name)
                annotation = linked.annotation
                if validator is None or annotation.span is None:
                    continue
                mismatch = agrees(annotation.type, validator)
                if mismatch is None:
                    continue
                if is_reported_elsewhere(project, mismatch):
                    continue
                source = function.args.field(linked.wire_name)
                fix = replace_annotation(
                    project, function.module, annotation.span, validator, linked
                )
                yield self.finding(
                    project,
                    Location(function.module, annotation.span),
                    f"annotation of `{linked.parameter.name}` does not agree with its validator",
                    label=disagreement(mismatch),
                    help=remedy(validator, fix),
                    labels=(label_at(project, source.value or source.key, "the validator"),)
                    if source
                    else (),
                    fix=fix,
                )
