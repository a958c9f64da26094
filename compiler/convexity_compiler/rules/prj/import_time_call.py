"""PRJ009."""

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

_EFFECTS: Final[frozenset[Effect]] = frozenset({"generation", "network", "run", "sleep", "start"})


class ImportTimeCall(Rule):
    """A module does work when it is imported.

    ## What it does

    Finds calls to the network, to models and workflows, `asyncio.run` and `time.sleep` at the top
    level of modules, in defaults of parameters, and in the functions of the project that are called
    there. Making a client is silent: only what it is asked to do counts.

    ## Why is this bad?

    What stands at the top level runs whenever the backend starts, in each of its processes, and not
    for each request. When it fails, the backend does not start.

    ## Example

    ```python
    import httpx

    RATES = httpx.get("https://example.com/rates").json()
    ```

    ## Use instead

    ```python
    import httpx

    from ._generated.server import ActionCtx, internal_action


    @internal_action(args={}, returns=v.any())
    async def rates(ctx: ActionCtx) -> Any:
        async with httpx.AsyncClient() as client:
            return (await client.get("https://example.com/rates")).json()
    ```

    ## References

    - Convex refuses such modules when they are pushed: "Can't make syscalls during import".
    """

    name = "import-time-call"
    code = "PRJ009"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at what every module does when it is imported."""
        for module in project.own_modules:
            if module.module == SCHEMA.module:
                continue  # impure-schema asks for more
            mentions = import_mentions(project, module)
            for found in reached_from(project, module.module, mentions, _EFFECTS, only_calls=True):
                if not found.mention.is_construction:
                    yield self.finding(
                        project,
                        found.location(),
                        f"{found.named()} is called when the module is imported",
                        help="call it in an action, where it runs for each request",
                        labels=found.labels(project),
                    )
