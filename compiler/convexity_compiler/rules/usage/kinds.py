"""The kinds of functions in which some code may run, as far as its context tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.reach import function_use, reached

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.rules.usage.outside import Effect
    from convexity_compiler.rules.usage.reach import Reached
    from convexity_compiler.rules.usage.values import ContextKind

TRANSACTIONS: Final[frozenset[ContextKind]] = frozenset({"query", "mutation"})


def is_always(use: FunctionUse, wanted: frozenset[ContextKind]) -> bool:
    """Whether a function is known to run in functions of these kinds alone."""
    return bool(use.kinds) and use.kinds <= wanted


def helpers_on_the_way(project: LinkedProject, found: Reached) -> Iterator[FunctionUse]:
    """Yield the functions of the project that lead to what is reached."""
    for step, inner in zip(found.steps, found.steps[1:], strict=False):
        use = function_use(project, inner.module, step.callee)
        if use is not None:
            yield use


def reached_in_transactions(
    project: LinkedProject, effects: frozenset[Effect]
) -> Iterator[tuple[FunctionUse, Reached]]:
    """Yield what queries, mutations and helpers that take their context reach of these effects.

    What is reached through a helper that takes such a context is yielded for the helper alone.
    """
    for use in functions(project):
        if is_always(use, TRANSACTIONS):
            for found in reached(project, use, effects):
                helpers = helpers_on_the_way(project, found)
                if not any(is_always(helper, TRANSACTIONS) for helper in helpers):
                    yield use, found
