"""What binds the names in a function and in the functions inside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from convexity_compiler.link.local_names import bound_names
from convexity_compiler.link.symbols import target_names
from convexity_compiler.rules.walk import nodes
from convexity_compiler.summary import statements as s
from convexity_compiler.summary.expressions import Comprehension, Expr, Lambda, Name, Walrus
from convexity_compiler.summary.model import ImportSummary, Parameter

if TYPE_CHECKING:
    from convexity_compiler.summary.model import FunctionSummary

Binding: TypeAlias = Expr | Parameter | ImportSummary | None
"""The value of a plain assignment, a parameter or an import; None for everything else."""


def bindings(function: FunctionSummary) -> dict[str, list[Binding]]:
    """Return all bindings of each name, in source order.

    Functions inside count too, so that a name with one binding means the same everywhere.
    """
    found: dict[str, list[Binding]] = {}
    for parameter in function.parameters:
        found.setdefault(parameter.name, []).append(parameter)
    for node in nodes(function):
        for name, binding in _bound(node):
            found.setdefault(name, []).append(binding)
    return found


def _bound(node: object) -> list[tuple[str, Binding]]:
    match node:
        case s.Assign(targets=(Name(id=name),), value=value, operator=""):
            return [(name, value)] if value is not None else []
        case Walrus(target=Name(id=name), value=value):
            return [(name, value)]
        case s.Import(bindings=imports):
            return [(entry.bound, entry) for entry in imports]
        case s.FunctionDefinition(function=inner):
            parameters = [(parameter.name, parameter) for parameter in inner.parameters]
            return [(inner.name, None), *parameters]
        case s.ClassDefinition(definition=definition):
            return [(definition.name, None)]
        case s.Scope(names=names):
            return [(name, None) for name in names]
        case Lambda(parameters=parameters):
            return [(parameter.name, None) for parameter in parameters]
        case Comprehension(generators=generators):
            return [(name, None) for entry in generators for name in target_names(entry.target)]
        case s.Statement():
            return [(name, None) for name in bound_names(node)]
        case _:
            return []
