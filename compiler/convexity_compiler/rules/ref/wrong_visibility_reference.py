"""REF002."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.targets import spelled
from convexity_compiler.rules.writing.names import GENERATED_API, imported_name
from convexity_compiler.summary.expressions import Attribute, Name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedFunction, LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse


class WrongVisibilityReference(Rule):
    """A reference reaches an internal function through `api`, or a public one through `internal`.

    ## What it does

    Compares the root of every reference with the visibility of the function it names.

    ## Why is this bad?

    `api` holds the public functions and `internal` the internal ones; the other root does not have
    the function, and the type checker rejects it too.

    ## Example

    ```python
    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None: ...


    @mutation(args={}, returns=v.null())
    async def clear(ctx: MutationCtx) -> None:
        await ctx.scheduler.run_after(0, api.messages.tidy)
    ```

    ## Use instead

    ```python
    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None: ...


    @mutation(args={}, returns=v.null())
    async def clear(ctx: MutationCtx) -> None:
        await ctx.scheduler.run_after(0, internal.messages.tidy)
    ```

    ## Fix safety

    The fix writes the other root, and imports it when needed. It is safe: no other function can be
    meant.

    ## References

    - Convex guidelines, *Function references*: "Use the `api` object to call functions registered
      with `query`, `mutation`, or `action`", and `internal` for those registered as internal.
    """

    name = "wrong-visibility-reference"
    code = "REF002"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the references in every function."""
        for use in functions(project):
            for place in use.attributes:
                if not isinstance(place.node, Attribute) or place.role == "receiver":
                    continue
                reference = use.scope.reference(place.node)
                target = project.function(reference) if reference is not None else None
                if reference is not None and target is not None:
                    root, rest = spelled(target)
                    if root != reference.root:
                        yield self.finding(
                            project,
                            Location(use.module, place.node.span),
                            f"`{reference.root}{rest}` is {_article(target)} function",
                            help=f"write `{root}{rest}`",
                            labels=(label_at(project, target.location, "defined here"),),
                            fix=_fix(project, use, place.node, root, reference.root),
                        )


def _article(function: LinkedFunction) -> str:
    return "a public" if function.visibility == "public" else "an internal"


def _fix(
    project: LinkedProject, use: FunctionUse, chain: Attribute, root: str, wrong: str
) -> Fix | None:
    start = chain.value
    while isinstance(start, Attribute):
        start = start.value
    if not isinstance(start, Name) or (
        use.scope.qualified_name(start) != f"_generated.api.{wrong}"
    ):
        return None  # the root is not written here
    found = imported_name(project, use.module, GENERATED_API, root)
    if found is None:
        return None
    name, imports = found
    edit = replace_text(project, use.module, start.span, name)
    return Fix(title=f"use `{name}`", applicability="safe", edits=(edit, *imports))
