"""Agents and tools where they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from convexity_compiler.link.component_functions import AGENT
from convexity_compiler.link.symbols import Defined
from convexity_compiler.rules.usage.functions import module_functions
from convexity_compiler.rules.usage.reach import function_use
from convexity_compiler.rules.walk import top_level_nodes
from convexity_compiler.summary.expressions import Call, Constant, Dict, Expr, List, Tuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.summary.model import FunctionSummary

_COMPONENT: Final = "convexity.components.agent"
_TOOLS: Final = frozenset({f"{_COMPONENT}.create_tool", f"{_COMPONENT}.tool"})


class Made(NamedTuple):
    """A call that makes an agent or a tool."""

    module: str
    use: FunctionUse | None
    """The function in which it is made; None at the top level."""
    call: Call

    @property
    def has_all_options(self) -> bool:
        """Whether no ``**options`` hides any."""
        return all(keyword.name is not None for keyword in self.call.keywords)

    def option(self, name: str) -> Expr | None:
        """Return the value of an option."""
        keyword = self.call.keyword(name)
        if keyword is None:
            return None
        return keyword.value if self.use is None else self.use.scope.constant(keyword.value)


class Tool(NamedTuple):
    """A tool, with its handler where that is a function of the project."""

    module: str
    call: Call | None
    """None for the decorator without parentheses."""
    expression: Expr
    handler: FunctionSummary | None
    is_decorator: bool


def agents(project: LinkedProject) -> Iterator[Made]:
    """Yield the calls that make agents."""
    yield from _made(project, frozenset({AGENT}))


def tools(project: LinkedProject) -> Iterator[Tool]:
    """Yield the tools of a project, made with ``create_tool(...)`` or decorated with ``@tool``."""
    decorators = set()
    for module in project.own_modules:
        if _COMPONENT not in module.text:
            continue
        for function in module.functions:
            for decorator in function.decorators:
                call = decorator if isinstance(decorator, Call) else None
                target = decorator.function if isinstance(decorator, Call) else decorator
                if project.resolver.qualified_name(module.module, target) in _TOOLS:
                    decorators.add(id(decorator))
                    yield Tool(module.module, call, decorator, function, is_decorator=True)
    for made in _made(project, _TOOLS):
        if id(made.call) not in decorators:
            handler = _handler(project, made)
            yield Tool(made.module, made.call, made.call, handler, is_decorator=False)


def is_empty(expression: Expr | None) -> bool:
    """Whether an option is missing or nothing: ``None``, ``""``, ``[]`` or ``{}``."""
    match expression:
        case None:
            return True
        case Constant(value=value):
            return not value or (isinstance(value, str) and not value.strip())
        case List(elements=parts) | Tuple(elements=parts) | Dict(items=parts):
            return not parts
        case _:
            return False


def _made(project: LinkedProject, origins: frozenset[str]) -> Iterator[Made]:
    for module in project.own_modules:
        if _COMPONENT not in module.text:
            continue
        for use in module_functions(project, module.module):
            for place in use.calls:
                call = place.node
                if isinstance(call, Call) and use.scope.qualified_name(call.function) in origins:
                    yield Made(use.module, use, call)
        for node in top_level_nodes(module):
            if (
                isinstance(node, Call)
                and project.resolver.qualified_name(module.module, node.function) in origins
            ):
                yield Made(module.module, None, node)


def _handler(project: LinkedProject, made: Made) -> FunctionSummary | None:
    given = made.call.keyword("handler")
    if given is None:
        return None
    symbol = project.resolver.symbol(made.module, given.value)
    if not isinstance(symbol, Defined) or symbol.attributes:
        return None
    use = function_use(project, symbol.module, symbol.name)
    return None if use is None else use.function
