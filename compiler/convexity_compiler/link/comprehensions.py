"""Evaluation of comprehensions over constants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.unpack import UnpackError, assign_target
from convexity_compiler.link.values import Scope

if TYPE_CHECKING:
    from convexity_compiler.link.evaluate import Evaluator
    from convexity_compiler.summary.expressions import Comprehension


def run_comprehension(evaluator: Evaluator, node: Comprehension, scope: Scope) -> object:
    """Return the list, set or dict a comprehension builds; a generator gives a list."""
    pairs: list[tuple[object, object]] = []
    _loop(evaluator, node, 0, scope, pairs)
    try:
        if node.kind == "dict":
            return dict(pairs)
        values = [value for _, value in pairs]
        return set(values) if node.kind == "set" else values
    except TypeError:
        raise evaluator.failure(node, scope, "has a key that is not hashable") from None


def _loop(
    evaluator: Evaluator,
    node: Comprehension,
    depth: int,
    scope: Scope,
    pairs: list[tuple[object, object]],
) -> None:
    if depth == len(node.generators):
        key = None if node.key is None else evaluator.evaluate(node.key, scope)
        pairs.append((key, evaluator.evaluate(node.element, scope)))
        return
    generator = node.generators[depth]
    if generator.is_async:
        raise evaluator.failure(node, scope, "is asynchronous")
    values = evaluator.iterate(
        evaluator.evaluate(generator.iterable, scope), generator.iterable, scope
    )
    for value in values:
        variables = dict(scope.variables)
        try:
            assign_target(generator.target, value, variables)
        except UnpackError as error:
            raise evaluator.failure(generator.iterable, scope, str(error)) from None
        inner = Scope(module=scope.module, variables=variables, depth=scope.depth)
        if all(evaluator.evaluate(condition, inner) for condition in generator.conditions):
            _loop(evaluator, node, depth + 1, inner, pairs)
