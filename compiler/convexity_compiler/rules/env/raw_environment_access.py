"""ENV001."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.writing.names import GENERATED_SERVER, imported_name
from convexity_compiler.summary.expressions import Attribute, Call, Constant, Name, Subscript
from convexity_compiler.summary.walk import expressions, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.span import Span
    from convexity_compiler.summary.expressions import Expr
    from convexity_compiler.summary.model import ModuleSummary
    from convexity_compiler.summary.node import Node

_ORIGINS: Final = frozenset({"os.environ", "os.environb", "os.getenv", "os.getenvb"})


class _Read(NamedTuple):
    """A variable that is read, with the place of the whole expression."""

    span: Span
    name: str


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

    ## Fix safety

    Where a function reads a declared variable, the fix reads `env.NAME`, and is safe. Reads with a
    default, and those at the top level of a module, are left alone.

    ## References

    - [The language, *Time and environment*](../reference/language.md#time-and-environment):
      `env` holds the declared environment; `os.environ` can never
      be a tracked dependency.
    """

    name = "raw-environment-access"
    code = "ENV001"
    category = "suspicious"
    severity = "warning"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every module that reads the environment."""
        if not any(map(_may_read, project.own_modules)):
            return
        for use in functions(project):
            if not _may_read(project.modules[use.module]):
                continue
            reads = _reads(use.nodes)
            for place in use.places:
                if place.role != "awaited" and use.scope.qualified_name(place.node) in _ORIGINS:
                    yield self._found(project, use.module, place.node, reads)
        for module in project.own_modules:
            if _may_read(module):
                for expression in _top_level(module):
                    if project.resolver.qualified_name(module.module, expression) in _ORIGINS:
                        yield self._found(project, module.module, expression, {})

    def _found(
        self, project: LinkedProject, module: str, expression: Expr, reads: dict[Span, _Read]
    ) -> Diagnostic:
        location = Location(module, expression.span)
        return self.finding(
            project,
            location,
            f"`{project.text_of(location)}` reads the environment past the backend",
            help="declare the variable with `define_app(env={...})` in convex_config.py, and read"
            " `env.NAME` of `_generated.server`",
            fix=_fix(project, module, reads.get(expression.span)),
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


def _reads(found: Iterable[Node]) -> dict[Span, _Read]:
    """What is read of a mapping or by a function without a default, by the place of that."""
    reads = {}
    for node in found:
        match node:
            case Subscript(value=source, index=Constant(value=str(name))):
                reads[source.span] = _Read(node.span, name)
            case Call(
                function=Attribute(value=source, name="get"),
                arguments=(Constant(value=str(name)),),
                keywords=(),
            ):
                reads[source.span] = _Read(node.span, name)
            case Call(function=source, arguments=(Constant(value=str(name)),), keywords=()):
                reads.setdefault(source.span, _Read(node.span, name))
    return reads


def _fix(project: LinkedProject, module: str, read: _Read | None) -> Fix | None:
    if read is None or project.app is None or read.name not in project.app.environment:
        return None
    found = imported_name(project, module, GENERATED_SERVER, "env")
    if found is None:
        return None
    name, imports = found
    text = f"{name}.{read.name}"
    edit = replace_text(project, module, read.span, text)
    return Fix(title=f"read `{text}`", applicability="safe", edits=(edit, *imports))
