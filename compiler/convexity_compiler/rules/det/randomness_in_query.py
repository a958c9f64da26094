"""DET002."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.reach import reached

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.outside import Effect

_EFFECTS: Final[frozenset[Effect]] = frozenset({"randomness"})


class RandomnessInQuery(Rule):
    """A query depends on chance.

    ## What it does

    Finds `random`, `secrets`, `uuid.uuid4` and their like in queries and in the functions of the
    project that these call. `random.Random(seed)` is silent: the same seed gives the same numbers.

    ## Why is this bad?

    One result of a query serves all who subscribe to it, until the data it read changes. With the
    same arguments and the same data it must be the same.

    ## Example

    ```python
    import random


    @query(args={"names": v.array(v.string())}, returns=v.string())
    async def winner(ctx: QueryCtx, names: list[str]) -> str:
        return random.choice(names)
    ```

    ## Use instead

    ```python
    import random


    @query(args={"names": v.array(v.string()), "seed": v.number()}, returns=v.string())
    async def winner(ctx: QueryCtx, names: list[str], seed: float) -> str:
        return random.Random(seed).choice(names)
    ```

    ## References

    - Convex docs, *Runtimes*: queries are deterministic.
    """

    name = "randomness-in-query"
    code = "DET002"
    category = "suspicious"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Follow the calls of every query."""
        for use in functions(project):
            if use.registered is None or use.registered.kind != "query":
                continue
            for found in reached(project, use, _EFFECTS):
                yield self.finding(
                    project,
                    found.location(),
                    f"a query depends on chance: {found.named()}",
                    help="choose in a mutation or in the client, and pass what was chosen, or seed"
                    " `random.Random` with an argument",
                    labels=found.labels(project),
                )
