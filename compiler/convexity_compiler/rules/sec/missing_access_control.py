"""SEC001."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.guards import is_guarded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class MissingAccessControl(Rule):
    """A public function does not ask who calls it.

    ## What it does

    Finds public queries, mutations and actions that neither read `ctx.auth` nor call anything named
    like a guard (`require_...`, `check_...`, `assert_...`, `can_...`, `has_...`, `get_user...`), or
    as the setting `access-control-pattern` says, themselves or in the functions of the project that
    they call. A guard that is never awaited does not count. It runs when it is selected.

    ## Why is this bad?

    Public functions can be called by anyone on the internet, with any arguments.

    ## Example

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["missing-access-control"]

    # convex/channels.py
    @mutation(args={"name": v.string()}, returns=v.null())
    async def create_channel(ctx: MutationCtx, name: str) -> None:
        await ctx.db.insert("channels", {"name": name})
    ```

    ## Use instead

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["missing-access-control"]

    # convex/channels.py
    @mutation(args={"name": v.string()}, returns=v.null())
    async def create_channel(ctx: MutationCtx, name: str) -> None:
        if await ctx.auth.get_user_identity() is None:
            raise ConvexError("Sign in first")
        await ctx.db.insert("channels", {"name": name})
    ```

    ## References

    - Convex's ESLint plugin, `require-access-control`.
    - Convex best practices, *Use some form of access control for all public functions*.
    """

    name = "missing-access-control"
    code = "SEC001"
    category = "security"
    severity = "info"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every public function."""
        if project.is_component:
            return  # only the functions of the one that uses it can call it
        for use in functions(project):
            function = use.registered
            if (
                function is not None
                and not function.is_http
                and function.visibility == "public"
                and not is_guarded(project, use)
            ):
                yield self.finding(
                    project,
                    function.location,
                    f"anyone on the internet can call the {function.kind} `{function.name}`",
                    help="check the caller with `ctx.auth`, or register it as internal",
                )
