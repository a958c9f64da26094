"""CTX009."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.values import CONTEXT_KINDS, CONTEXT_NAMES
from convexity_compiler.rules.writing.names import GENERATED_SERVER, imported_name
from convexity_compiler.summary.expressions import Name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.summary.expressions import Expr


class CtxAnnotationMismatch(Rule):
    """The context of a handler has the type of another kind of function.

    ## What it does

    Compares the annotation of `ctx` with the kind of the handler: `QueryCtx` for queries,
    `MutationCtx` for mutations, `ActionCtx` for actions and HTTP actions.

    ## Why is this bad?

    The type checker then allows what fails when it runs, or forbids what works.

    ## Example

    ```python
    @query(args={}, returns=v.null())
    async def latest(ctx: MutationCtx) -> None: ...
    ```

    ## Use instead

    ```python
    @query(args={}, returns=v.null())
    async def latest(ctx: QueryCtx) -> None: ...
    ```

    ## Fix safety

    The fix writes the type of the context that the handler gets, and imports it when needed. It is
    safe: annotations do not change what runs.

    ## References

    - [The language, *Contexts*](../reference/language.md#contexts).
    """

    name = "ctx-annotation-mismatch"
    code = "CTX009"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the first parameter of every handler."""
        for use in functions(project):
            function = use.registered
            if function is None or function.context is None or not function.context.annotation:
                continue
            annotation = function.context.annotation
            kind = "action" if function.kind == "http_action" else function.kind
            expected = CONTEXT_NAMES[kind]
            names = use.scope.platform_types(annotation) & set(CONTEXT_KINDS)
            if not names or expected in names:
                continue
            yield self.finding(
                project,
                Location(use.module, annotation.span),
                f"{_described(function.kind)} gets a `{expected}`, not a `{min(names)}`",
                help=f"write `{expected}`",
                labels=(
                    label_at(project, Location(use.module, function.registration.span), "the kind"),
                ),
                fix=_fix(project, use, annotation, expected),
            )


def _fix(project: LinkedProject, use: FunctionUse, annotation: Expr, expected: str) -> Fix | None:
    found = imported_name(project, use.module, GENERATED_SERVER, expected)
    if found is None or not isinstance(annotation, Name):
        return None
    name, imports = found
    edit = replace_text(project, use.module, annotation.span, name)
    return Fix(title=f"use `{name}`", applicability="safe", edits=(edit, *imports))


def _described(kind: str) -> str:
    if kind == "http_action":
        return "an HTTP action"
    return f"an {kind}" if kind == "action" else f"a {kind}"
