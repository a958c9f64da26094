"""FUN010."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule, label_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedFunction, LinkedProject


class DuplicateFunctionName(Rule):
    """Two functions of a module are registered under one name.

    ## What it does

    Finds registrations whose wire name was taken earlier in the module.

    ## Why is this bad?

    Python keeps the later definition without a word, and the earlier function is gone.

    ## Example

    ```python
    @query(args={}, returns=v.null())
    async def latest(ctx: QueryCtx) -> None: ...


    @mutation(args={}, returns=v.null())
    async def latest(ctx: MutationCtx) -> None: ...
    ```

    ## Use instead

    ```python
    @query(args={}, returns=v.null())
    async def latest(ctx: QueryCtx) -> None: ...


    @mutation(args={}, returns=v.null())
    async def clear_latest(ctx: MutationCtx) -> None: ...
    ```

    ## References

    - Convex guidelines, *Function references*: a name in a file is one reference.
    """

    name = "duplicate-function-name"
    code = "FUN010"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look for wire paths that come twice."""
        seen: dict[str, LinkedFunction] = {}
        for function in (*project.functions, *project.http_actions):
            first = seen.setdefault(function.path, function)
            if first is not function:
                yield self.finding(
                    project,
                    function.name_location,
                    f"`{function.name}` is registered twice in this module",
                    help="give each function a name of its own",
                    labels=(label_at(project, first.name_location, "first registered here"),),
                )
