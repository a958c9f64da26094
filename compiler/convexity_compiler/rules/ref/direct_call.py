"""REF006."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.capabilities import RUNS
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.targets import registered_function
from convexity_compiler.rules.usage.values import Handle
from convexity_compiler.rules.writing.references import reference_text
from convexity_compiler.summary.expressions import Call, Name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedFunction, LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.rules.usage.places import Place


class DirectCall(Rule):
    """A registered function is called like a plain function.

    ## What it does

    Finds calls of queries, mutations and actions by their Python names, in this module or through
    an import.

    ## Why is this bad?

    What a registrar returns is not callable. If it were, arguments and result would go unchecked,
    and the call would run with the context of its caller.

    ## Example

    ```python
    @query(args={}, returns=v.number())
    async def count(ctx: QueryCtx) -> float:
        return 1


    @query(args={}, returns=v.number())
    async def double(ctx: QueryCtx) -> float:
        return 2 * await count(ctx)
    ```

    ## Use instead

    ```python
    async def counted(ctx: QueryCtx) -> float:
        return 1


    @query(args={}, returns=v.number())
    async def count(ctx: QueryCtx) -> float:
        return await counted(ctx)


    @query(args={}, returns=v.number())
    async def double(ctx: QueryCtx) -> float:
        return 2 * await counted(ctx)
    ```

    ## Fix safety

    Where the call is awaited and its first argument is the context, the fix runs the function by
    its reference. It is unsafe: it then runs as a function of its own, with its arguments checked.

    ## References

    - Convex guidelines, *Function calling*: "pull out the shared code into a helper async
      function and call that directly instead".
    """

    name = "direct-call"
    code = "REF006"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every call in every function."""
        for use in functions(project):
            for place in use.calls:
                if not isinstance(place.node, Call):
                    continue
                target = registered_function(project, use, place.node.function)
                if target is None:
                    continue
                name = target.definition.name
                fix = _fix(project, use, place, place.node, target)
                remedy = "move its work to a plain `async def` that both call"
                yield self.finding(
                    project,
                    Location(use.module, place.node.function.span),
                    f"`{name}` is a registered {target.kind} and cannot be called directly",
                    help=f"{remedy}, or {fix.title}" if fix else remedy,
                    labels=(label_at(project, target.location, "registered here"),),
                    fix=fix,
                )


def _fix(
    project: LinkedProject, use: FunctionUse, place: Place, call: Call, target: LinkedFunction
) -> Fix | None:
    context = call.arguments[0] if len(call.arguments) == 1 else None
    handle = use.scope.value(context) if isinstance(context, Name) else None
    method = f"run_{target.kind}"
    if (
        place.role != "awaited"
        or context is None
        or not isinstance(handle, Handle)
        or handle.path
        or not handle.kinds
        or not all(method in RUNS[kind] for kind in handle.kinds)
    ):
        return None
    written = reference_text(project, use.module, target)
    if written is None:
        return None
    text, imports = written
    name = project.text_of(Location(use.module, context.span))
    return Fix(
        title=f"use `{name}.{method}`",
        applicability="unsafe",
        edits=(
            replace_text(project, use.module, call.function.span, f"{name}.{method}"),
            replace_text(project, use.module, context.span, text),
            *imports,
        ),
    )
