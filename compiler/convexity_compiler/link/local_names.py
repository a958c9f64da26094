"""The names that are local to a function."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from convexity_compiler.link.symbols import target_names
from convexity_compiler.summary import statements as s
from convexity_compiler.summary.expressions import Name, Walrus
from convexity_compiler.summary.model import ImportSummary, Parameter
from convexity_compiler.summary.walk import expressions, sub_blocks, walk, walk_statements

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convexity_compiler.summary.model import FunctionSummary

LocalName: TypeAlias = "Parameter | ImportSummary | s.Statement"


def local_names(function: FunctionSummary, *, has_walrus: bool = True) -> dict[str, LocalName]:
    """Return what binds each local name of a function; the last binding counts.

    Names of comprehensions and of nested scopes are not among them. Without ``has_walrus`` the
    expressions are not searched for ``:=``, which takes long.
    """
    found: dict[str, LocalName] = {parameter.name: parameter for parameter in function.parameters}
    outer: set[str] = set()
    _collect(function.statements, found, outer)
    if has_walrus:
        for statement in walk_statements(function.statements):
            for expression in expressions(statement):
                for node in walk(expression):
                    if isinstance(node, Walrus) and isinstance(node.target, Name):
                        found[node.target.id] = statement
    for name in outer:
        found.pop(name, None)
    return found


def _collect(
    statements: Iterable[s.Statement], found: dict[str, LocalName], outer: set[str]
) -> None:
    for statement in statements:
        if isinstance(statement, s.Import):
            found.update((entry.bound, entry) for entry in statement.bindings)
        elif isinstance(statement, s.FunctionDefinition):
            found[statement.function.name] = statement
        elif isinstance(statement, s.ClassDefinition):
            found[statement.definition.name] = statement
        elif isinstance(statement, s.Scope):
            outer.update(statement.names)
        for name in bound_names(statement):
            found[name] = statement
        for block in sub_blocks(statement):
            _collect(block, found, outer)


def bound_names(statement: s.Statement) -> Iterable[str]:
    """Yield the names a statement itself binds: targets, handlers and patterns."""
    match statement:
        case s.Assign(targets=targets):
            for target in targets:
                yield from target_names(target)
        case s.For(target=target):
            yield from target_names(target)
        case s.With(items=items):
            for item in items:
                if item.target is not None:
                    yield from target_names(item.target)
        case s.Try(handlers=handlers):
            for handler in handlers:
                if handler.name is not None:
                    yield handler.name
        case s.Match(cases=cases):
            for entry in cases:
                yield from entry.names
        case _:
            pass
