"""PRJ014."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.kinds import reached_in_transactions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.outside import Effect

_EFFECTS: Final[frozenset[Effect]] = frozenset({"dynamic"})


class DynamicImport(Rule):
    """A query or mutation imports or runs what is known at run time only.

    ## What it does

    Finds `importlib.import_module`, `__import__`, `exec` and `eval` in queries and mutations, in
    helpers that take their context, and in the functions of the project that these call. `import`
    statements in functions are silent.

    ## Why is this bad?

    Nobody can say beforehand what runs: no rule sees it, and a built backend may not have it. Text
    from an argument that is run as code opens the backend to everybody.

    ## Example

    ```python
    @query(args={"formula": v.string()}, returns=v.number())
    async def compute(ctx: QueryCtx, formula: str) -> float:
        return float(eval(formula))
    ```

    ## Use instead

    ```python
    import operator


    @query(args={"name": v.string(), "a": v.number(), "b": v.number()}, returns=v.number())
    async def compute(ctx: QueryCtx, name: str, a: float, b: float) -> float:
        return {"add": operator.add, "mul": operator.mul}[name](a, b)
    ```

    ## References

    - Convex refuses dynamic imports in queries and mutations.
    """

    name = "dynamic-import"
    code = "PRJ014"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Follow the calls of every query, mutation and helper that takes their context."""
        for _, found in reached_in_transactions(project, _EFFECTS):
            yield self.finding(
                project,
                found.location(),
                f"what runs here is known at run time only: {found.named()}",
                help="import the modules by name, and choose among their functions",
                labels=found.labels(project),
            )
