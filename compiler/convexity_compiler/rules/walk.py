"""Walking the bodies of functions, and what stands around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.summary.statements import FunctionDefinition
from convexity_compiler.summary.walk import expressions, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.summary.model import FunctionSummary, ModuleSummary
    from convexity_compiler.summary.node import Node


def nodes(function: FunctionSummary) -> Iterator[Node]:
    """Yield every statement and expression of a body, outer before inner.

    Functions inside the body are walked too: what they hold runs within the call.
    """
    for statement in function.statements:
        for node in walk(statement):
            yield node
            if isinstance(node, FunctionDefinition):
                yield from nodes(node.function)


def top_level_nodes(module: ModuleSummary) -> Iterator[Node]:
    """Yield every expression at the top level of a module, outer before inner, decorators last."""
    statements = (
        *(entry.statement for entry in module.assignments),
        *(entry.statement for entry in module.statements),
    )
    for statement in statements:
        for expression in expressions(statement):
            yield from walk(expression)
    for function in module.functions:
        if function.placement != "function":
            for decorator in function.decorators:
                yield from walk(decorator)
