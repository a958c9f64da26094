"""What binds the names in a function and in the functions inside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from convexity_compiler.link.local_names import bound_names
from convexity_compiler.link.symbols import target_names
from convexity_compiler.summary import statements as s
from convexity_compiler.summary.expressions import Comprehension, Expr, Lambda, Name, Walrus
from convexity_compiler.summary.model import ImportSummary, Parameter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convexity_compiler.summary.node import Node

Binding: TypeAlias = Expr | Parameter | ImportSummary | None
"""The value of a plain assignment, a parameter or an import; None for everything else."""


def statement_bindings(statement: s.Statement) -> Iterable[tuple[str, Binding]]:
    """Return the names a statement itself binds, without those its expressions bind."""
    match statement:
        case s.Assign(targets=(Name(id=name),), value=value, operator=""):
            return [(name, value)] if value is not None else ()
        case s.Evaluate() | s.Return() | s.If():
            return ()
        case s.Import(bindings=imports):
            return [(entry.bound, entry) for entry in imports]
        case s.FunctionDefinition(function=inner):
            parameters = [(parameter.name, parameter) for parameter in inner.parameters]
            return [(inner.name, None), *parameters]
        case s.ClassDefinition(definition=definition):
            return [(definition.name, None)]
        case s.Scope(names=names):
            return [(name, None) for name in names]
        case _:
            return [(name, None) for name in bound_names(statement)]


def expression_bindings(expression: Node) -> Iterable[tuple[str, Binding]]:
    """Return the names an expression itself binds."""
    match expression:
        case Walrus(target=Name(id=name), value=value):
            return [(name, value)]
        case Lambda(parameters=parameters):
            return [(parameter.name, None) for parameter in parameters]
        case Comprehension(generators=generators):
            return [(name, None) for entry in generators for name in target_names(entry.target)]
        case _:
            return ()
