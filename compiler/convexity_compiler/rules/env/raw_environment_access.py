"""ENV001."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.summary.expressions import Attribute, Name
from convexity_compiler.summary.walk import expressions, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.summary.expressions import Expr
    from convexity_compiler.summary.model import ModuleSummary

_ORIGINS: Final = frozenset({"os.environ", "os.environb", "os.getenv", "os.getenvb"})


class RawEnvironmentAccess(Rule):
    """The environment is read past the backend.

    ## What it does

    Finds `os.environ` and `os.getenv` in the functions folder, under any name they are imported by.

    ## Why is this bad?

    The type checker knows nothing of the variable, nothing says that it is missing until it is
    read, and a query that reads it is not run again when it changes. `env` holds the variables
    that convex_config.py declares, each with its type.

    ## Example

    ```python
    import os


    @query(args={}, returns=v.any())
    async def region(ctx: QueryCtx) -> Any:
        return os.environ["REGION"]
    ```

    ## Use instead

    ```python
    from ._generated.server import env


    @query(args={}, returns=v.any())
    async def region(ctx: QueryCtx) -> Any:
        return env.REGION
    ```

    ## References

    - [The language, *Time and environment*](../reference/language.md#time-and-environment):
      `env` holds the declared environment; `os.environ` can never
      be a tracked dependency.
    """

    name = "raw-environment-access"
    code = "ENV001"
    category = "suspicious"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every module that reads the environment."""
        for use in functions(project):
            if not _may_read(project.modules[use.module]):
                continue
            for place in use.places:
                if place.role != "awaited" and use.scope.qualified_name(place.node) in _ORIGINS:
                    yield self._found(project, use.module, place.node)
        for module in project.own_modules:
            if _may_read(module):
                for expression in _top_level(module):
                    if project.resolver.qualified_name(module.module, expression) in _ORIGINS:
                        yield self._found(project, module.module, expression)

    def _found(self, project: LinkedProject, module: str, expression: Expr) -> Diagnostic:
        location = Location(module, expression.span)
        return self.finding(
            project,
            location,
            f"`{project.text_of(location)}` reads the environment past the backend",
            help="declare the variable with `define_app(env={...})` in convex_config.py, and read"
            " `env.NAME` of `_generated.server`",
        )


def _may_read(module: ModuleSummary) -> bool:
    return "environ" in module.text or "getenv" in module.text


def _top_level(module: ModuleSummary) -> Iterator[Expr]:
    statements = (
        *(entry.statement for entry in module.assignments),
        *(entry.statement for entry in module.statements),
    )
    for statement in statements:
        for expression in expressions(statement):
            for node in walk(expression):
                if isinstance(node, (Attribute, Name)):
                    yield node
