"""The expressions of a function that rules look at, each with what is done with its value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from convexity_compiler.summary import expressions as e
from convexity_compiler.summary import statements as s
from convexity_compiler.summary.walk import children, expressions, sub_blocks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convexity_compiler.summary.model import FunctionSummary
    from convexity_compiler.summary.node import Node

Role: TypeAlias = Literal[
    "awaited",
    "iterated",  # by ``for``, in a statement or comprehension
    "async_iterated",
    "receiver",  # before a dot
    "returned",
    "statement",  # dropped
    "subscripted",
    "tested",  # as a condition or operand of a comparison
    "other",
]


class Place(NamedTuple):
    """A call, an attribute, an ``await`` or a name in the body of a function."""

    node: e.Expr
    role: Role
    parent: Node | None
    """The loop for ``iterated`` and ``async_iterated``, else the expression or statement around."""
    is_async: bool
    """Whether the innermost function around it is a coroutine."""
    is_nested: bool
    """Whether it stands in a function inside the function."""


def places(function: FunctionSummary) -> list[Place]:
    """List the places of a function and of the functions inside it, outer before inner."""
    collector = _Collector()
    collector.block(function.statements, function.is_async, False)
    return collector.found


def places_of(statements: Iterable[s.Statement]) -> list[Place]:
    """List the places of statements at the top level of a module."""
    collector = _Collector()
    collector.block(statements, False, False)
    return collector.found


class _Collector:
    def __init__(self) -> None:
        self.found: list[Place] = []

    def block(self, statements: Iterable[s.Statement], is_async: bool, is_nested: bool) -> None:
        for statement in statements:
            if isinstance(statement, s.FunctionDefinition):
                inner = statement.function
                self.block(inner.statements, inner.is_async, True)
                continue
            for expression in expressions(statement):
                role = _statement_role(statement, expression)
                self.expression(expression, role, statement, is_async, is_nested)
            for block in sub_blocks(statement):
                self.block(block, is_async, is_nested)

    def expression(
        self, node: Node, role: Role, parent: Node, is_async: bool, is_nested: bool
    ) -> None:
        if isinstance(node, (e.Call, e.Attribute, e.Await, e.Name)):
            self.found.append(Place(node, role, parent, is_async, is_nested))
        if isinstance(node, e.Lambda):
            is_async, is_nested = False, True
        for child in children(node):
            if isinstance(child, e.Generator):
                iterable: Role = "async_iterated" if child.is_async else "iterated"
                self.expression(child.iterable, iterable, child, is_async, is_nested)
                for condition in child.conditions:
                    self.expression(condition, "tested", child, is_async, is_nested)
            else:
                self.expression(child, _expression_role(node, child), node, is_async, is_nested)


def _statement_role(statement: s.Statement, expression: e.Expr) -> Role:
    match statement:
        case s.Evaluate():
            return "statement"
        case s.Return():
            return "returned"
        case s.For(iterable=iterable, is_async=is_async) if iterable is expression:
            return "async_iterated" if is_async else "iterated"
        case s.If() | s.While() | s.Assert() if getattr(statement, "test", None) is expression:
            return "tested"
        case _:
            return "other"


def _expression_role(node: Node, child: Node) -> Role:
    match node:
        case e.Await():
            return "awaited"
        case e.Attribute():
            return "receiver"
        case e.Subscript(value=value) if value is child:
            return "subscripted"
        case e.Compare() | e.Unary(operator="not"):
            return "tested"
        case _:
            return "other"
