"""SEC004."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.guards import is_guarded
from convexity_compiler.rules.writing.visibility import make_internal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject

_SENSITIVE: Final = re.compile(
    r"^(admin|backfill|debug|internal|migrate|purge|seed|wipe)(_|$)"
    r"|^(clear|delete|drop|remove|reset)_(all|everything|database|db)(_|$)"
    r"|_(admin|internal|debug|migration)$"
)


class SensitivePublicName(Rule):
    """A public function is named like one that is not for everybody.

    ## What it does

    Finds public functions with names such as `admin_...`, `seed`, `migrate`, `delete_all` and
    `debug_...` that do not ask who calls them.

    ## Why is this bad?

    Public functions can be called by anyone on the internet.

    ## Example

    ```python
    @mutation(args={}, returns=v.null())
    async def seed(ctx: MutationCtx) -> None:
        await ctx.db.insert("channels", {"name": "general"})
    ```

    ## Use instead

    ```python
    @internal_mutation(args={}, returns=v.null())
    async def seed(ctx: MutationCtx) -> None:
        await ctx.db.insert("channels", {"name": "general"})
    ```

    ## Fix safety

    The fix makes the function internal. It is unsafe: clients can then no longer call it.

    ## References

    - Convex guidelines, *Function registration*: "Do NOT use `query`, `mutation`, or `action` to
      register sensitive internal functions that should be kept private."
    """

    name = "sensitive-public-name"
    code = "SEC004"
    category = "security"
    severity = "warning"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the names of public functions."""
        if project.is_component:
            return  # only the functions of the one that uses it can call it
        for use in functions(project):
            function = use.registered
            if (
                function is not None
                and not function.is_http
                and function.visibility == "public"
                and _SENSITIVE.search(function.name)
                and not is_guarded(project, use)
            ):
                yield self.finding(
                    project,
                    function.location,
                    f"`{function.name}` is public, and does not ask who calls it",
                    help=f"register it with `internal_{function.kind}`, or check the caller with"
                    " `ctx.auth`",
                    labels=(
                        label_at(
                            project,
                            Location(use.module, function.registration.span),
                            "public",
                        ),
                    ),
                    fix=make_internal(project, function),
                )
