"""TYP002."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


class ReturnAnnotationMismatch(Rule):
    """The return annotation of a handler and its `returns` disagree.

    ## What it does

    Compares each return annotation with the validator in `returns`.

    ## Why is this bad?

    The validator decides what a function may return, the annotation what a type checker lets it
    return. Where they differ, checked code fails.

    ## Example

    ```python
    @query(args={}, returns=v.array(v.string()))
    async def names(ctx: QueryCtx) -> list[float]:
        return []
    ```

    ## Use instead

    ```python
    @query(args={}, returns=v.array(v.string()))
    async def names(ctx: QueryCtx) -> list[str]:
        return []
    ```

    ## Fix safety

    The fix writes the annotation of the validator, with the imports it needs, and is safe:
    annotations do not change what the validator lets through.

    ## References

    - [The language, *Agreement of annotations and
      validators*](../reference/language.md#2-agreement-of-annotations-and-validators).
    """

    name = "return-annotation-mismatch"
    code = "TYP002"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Compare wherever both sides are known."""
        for function in project.functions:
            annotation = function.return_annotation
            if function.returns is None or annotation.span is None:
                continue
            validator = function.returns.validator
            mismatch = None if validator is None else agrees(annotation.type, validator)
            if mismatch is None or validator is None:
                continue
            if is_reported_elsewhere(project, mismatch):
                continue
            fix = replace_annotation(project, function.module, annotation.span, validator)
            yield self.finding(
                project,
                Location(function.module, annotation.span),
                f"return annotation of `{function.definition.name}` does not agree with `returns`",
                label=disagreement(mismatch),
                help=remedy(validator, fix),
                labels=(label_at(project, function.returns.location, "the validator"),),
                fix=fix,
            )
