"""DET003."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.link.model import Location
from convexity_compiler.link.symbols import CHANGING_METHODS, Defined
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.summary import expressions as e
from convexity_compiler.summary import statements as s
from convexity_compiler.summary.statements import Assign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.summary.node import Node

_CONTAINERS: Final = frozenset(
    {"builtins.dict", "builtins.list", "builtins.set", "collections.defaultdict"}
    | {"collections.OrderedDict", "collections.Counter", "collections.deque"}
)


class MutableModuleState(Rule):
    """A function keeps state in a global.

    ## What it does

    Finds functions with a context, and the handlers of the project, that assign to a global or
    change a list, dict or set that a module of the project binds at its top level.

    ## Why is this bad?

    A process lives long and serves everybody: what one request leaves in a global, the next one of
    somebody else finds. Other processes do not see it, it is not rolled back with a transaction,
    and queries that read it do not run again when it changes.

    ## Example

    ```python
    SEEN: dict[str, int] = {}


    @mutation(args={"name": v.string()}, returns=v.null())
    async def visit(ctx: MutationCtx, name: str) -> None:
        SEEN[name] = SEEN.get(name, 0) + 1
    ```

    ## Use instead

    ```python
    @mutation(args={"name": v.string()}, returns=v.null())
    async def visit(ctx: MutationCtx, name: str) -> None:
        await ctx.db.insert("visits", {"name": name})
    ```

    ## References

    - [The language, *Time and environment*](../reference/language.md#time-and-environment): globals
      of a module live as long as the process.
    """

    name = "mutable-module-state"
    code = "DET003"
    category = "suspicious"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at what functions with a context change."""
        for use in functions(project):
            if use.registered is None and not use.kinds:
                continue
            declared = {
                name
                for node in use.nodes_of(s.Scope)
                if node.kind == "global"
                for name in node.names
            }
            changes = (
                *use.nodes_of(s.Assign),
                *use.nodes_of(s.Delete),
                *(place.node for place in use.calls),
            )
            for node in changes:
                for changed in _changed(node, declared):
                    symbol = _state(project, use, changed, declared)
                    if symbol is not None:
                        yield self._found(project, use, changed, symbol)

    def _found(
        self, project: LinkedProject, use: FunctionUse, changed: e.Expr, symbol: Defined
    ) -> Diagnostic:
        bound = project.resolver.bound(symbol.module, symbol.name)
        return self.finding(
            project,
            Location(use.module, changed.span),
            f"the global `{symbol.name}` is changed, which all requests share",
            help="keep it in a table",
            labels=tuple(
                label_at(project, Location(symbol.module, entry.span), "defined here")
                for entry in bound[:1]
            ),
        )


def _changed(node: Node, declared: set[str]) -> Iterator[e.Expr]:
    """Yield the owner of what a node changes."""
    match node:
        case s.Assign(targets=targets):
            for target in targets:
                if isinstance(target, e.Subscript):
                    yield target.value
                elif isinstance(target, e.Name) and target.id in declared:
                    yield target
        case s.Delete(targets=targets):
            for target in targets:
                if isinstance(target, e.Subscript):
                    yield target.value
        case e.Call(function=e.Attribute(value=owner, name=name)) if name in CHANGING_METHODS:
            yield owner
        case _:
            pass


def _state(
    project: LinkedProject, use: FunctionUse, changed: e.Expr, declared: set[str]
) -> Defined | None:
    """Return the global that is changed, when it is certain that it is one."""
    if isinstance(changed, e.Name) and changed.id in declared:
        symbol = project.resolver.symbol(use.module, changed)
        return symbol if isinstance(symbol, Defined) else None
    symbol = use.scope.symbol(use.scope.constant(changed))
    if not isinstance(symbol, Defined) or symbol.attributes:
        return None
    bound = project.resolver.bound(symbol.module, symbol.name)
    is_container = any(
        isinstance(entry.definition, Assign)
        and _is_container(project, symbol.module, entry.definition.value)
        for entry in bound
    )
    return symbol if is_container else None


def _is_container(project: LinkedProject, module: str, value: e.Expr | None) -> bool:
    match value:
        case e.Dict() | e.List() | e.Opaque(kind="Set"):
            return True
        case e.Comprehension(kind=kind):
            return kind != "generator"
        case e.Call(function=function):
            return project.resolver.qualified_name(module, function) in _CONTAINERS
        case _:
            return False
