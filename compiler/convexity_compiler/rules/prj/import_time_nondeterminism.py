"""PRJ010."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.link.special_files import SCHEMA
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.mentions import import_mentions
from convexity_compiler.rules.usage.reach import reached_from

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.outside import Effect

_EFFECTS: Final[frozenset[Effect]] = frozenset({"clock", "randomness"})


class ImportTimeNondeterminism(Rule):
    """A module reads the clock or draws a random number when it is imported.

    ## What it does

    Finds the clock, random numbers and new UUIDs at the top level of modules, in defaults of
    parameters, and in the functions of the project that are called there.

    ## Why is this bad?

    The value is that of the moment when the backend started, other in each of its processes, and
    stays the same for days.

    ## Example

    ```python
    import time

    NOW = time.time()


    @mutation(args={}, returns=v.null())
    async def add(ctx: MutationCtx) -> None:
        await ctx.db.insert("messages", {"at": NOW})
    ```

    ## Use instead

    ```python
    from convexity.values import to_millis


    @mutation(args={}, returns=v.null())
    async def add(ctx: MutationCtx) -> None:
        await ctx.db.insert("messages", {"at": to_millis(ctx.now())})
    ```

    ## References

    - Convex refuses the clock and random numbers during import when modules are pushed.
    """

    name = "import-time-nondeterminism"
    code = "PRJ010"
    category = "suspicious"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at what every module does when it is imported."""
        for module in project.own_modules:
            if module.module == SCHEMA.module:
                continue  # impure-schema asks for more
            mentions = import_mentions(project, module)
            for found in reached_from(project, module.module, mentions, _EFFECTS, only_calls=True):
                if not found.mention.match.is_class:
                    yield self.finding(
                        project,
                        found.location(),
                        f"{found.named()} gets its value when the module is imported, once",
                        help="move it into the handler",
                        labels=found.labels(project),
                    )
