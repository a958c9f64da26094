"""Walking the body of a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.summary.statements import FunctionDefinition
from convexity_compiler.summary.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.summary.model import FunctionSummary
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
