"""Calls of the project's own functions that only build a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from convexity_compiler.link.unpack import UnpackError, assign_target
from convexity_compiler.link.values import Scope
from convexity_compiler.summary import statements as s

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convexity_compiler.link.evaluate import Evaluator
    from convexity_compiler.link.values import FunctionValue
    from convexity_compiler.summary.expressions import Call
    from convexity_compiler.summary.model import FunctionSummary

DEEPEST_HELPERS = 20
"""Most helper functions that call each other; deeper ones are taken for recursion."""

_ACCEPTED = "let the function only assign names and return the value it builds"
_CACHING = frozenset({"functools.cache", "functools.lru_cache"})


def call_helper(
    evaluator: Evaluator, function: FunctionValue, node: Call, scope: Scope, position: str | None
) -> object:
    """Return what a helper function returns for the arguments of ``node``."""
    summary = function.function
    problem = _problem(evaluator, function)
    if scope.depth >= DEEPEST_HELPERS:
        problem = "calls itself, or is nested too deeply"
    if problem is not None:
        reason = f"`{summary.name}` {problem}"
        raise evaluator.failure(node, scope, reason, accepted=_ACCEPTED)
    inner = Scope(
        module=function.module,
        variables=_bind(evaluator, summary, node, scope, Scope(module=function.module)),
        depth=scope.depth + 1,
    )
    returned = _run(evaluator, summary.statements, inner, position)
    return None if returned is None else returned[0]


def _problem(evaluator: Evaluator, function: FunctionValue) -> str | None:
    summary = function.function
    if summary.is_async:
        return "is asynchronous"
    if summary.is_generator:
        return "is a generator"
    for decorator in summary.decorators:
        target = getattr(decorator, "function", decorator)
        if evaluator.resolver.qualified_name(function.module, target) not in _CACHING:
            return "is decorated"
    return None


def _bind(
    evaluator: Evaluator, function: FunctionSummary, node: Call, scope: Scope, home: Scope
) -> dict[str, object]:
    """Match arguments and parameters as Python does."""
    positional = evaluator.elements(node.arguments, scope)
    named: dict[str, object] = {}
    for keyword in node.keywords:
        value = evaluator.evaluate(keyword.value, scope)
        if keyword.name is not None:
            named[keyword.name] = value
        elif isinstance(value, Mapping):
            named.update(value)
        else:
            raise evaluator.failure(keyword.value, scope, "is not a dict that can be unpacked here")
    variables: dict[str, object] = {}
    for parameter in function.parameters:
        name = parameter.name
        if parameter.kind == "var_positional":
            variables[name] = tuple(positional)
            positional = []
        elif parameter.kind == "var_keyword":
            variables[name] = named
            named = {}
        elif parameter.kind != "keyword_only" and positional:
            variables[name] = positional.pop(0)
        elif parameter.kind != "positional_only" and name in named:
            variables[name] = named.pop(name)
        elif parameter.default is not None:
            variables[name] = evaluator.evaluate(parameter.default, home)
        else:
            raise evaluator.failure(
                node, scope, f"lacks the argument `{name}` of `{function.name}`"
            )
    if positional or named:
        extra = f"`{next(iter(named))}`" if named else "so many arguments"
        raise evaluator.failure(node, scope, f"`{function.name}` does not take {extra}")
    return variables


def _run(
    evaluator: Evaluator, statements: Iterable[s.Statement], scope: Scope, position: str | None
) -> tuple[object] | None:
    """Run statements; a 1-tuple once a ``return`` is met."""
    for statement in statements:
        match statement:
            case s.Return(value=value):
                return (None if value is None else evaluator.evaluate(value, scope, position),)
            case s.Assign(targets=targets, value=value, operator="") if value is not None:
                try:
                    for target in targets:
                        assign_target(target, evaluator.evaluate(value, scope), scope.variables)
                except UnpackError as error:
                    raise evaluator.failure(statement, scope, str(error)) from None
            case s.If(test=test, body=body, otherwise=otherwise):
                chosen = body if evaluator.constant(test, scope) else otherwise
                returned = _run(evaluator, chosen, scope, position)
                if returned is not None:
                    return returned
            case s.Jump(kind="pass"):
                pass
            case _:
                reason = "is more than a helper function that builds a value may do"
                raise evaluator.failure(statement, scope, reason, accepted=_ACCEPTED)
    return None
