"""The expressions of a function that rules look at, each with what is done with its value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from convexity_compiler.summary import expressions as e
from convexity_compiler.summary import statements as s

if TYPE_CHECKING:
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


def statement_role(statement: s.Statement, expression: e.Expr) -> Role:
    """Return what a statement does with the value of an expression that stands in it."""
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


def expression_role(node: Node, child: Node) -> Role:
    """Return what an expression does with the value of one directly below it."""
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
