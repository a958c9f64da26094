"""Walks over the nodes of a summary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from convexity_compiler.summary import expressions as e
from convexity_compiler.summary import statements as s
from convexity_compiler.summary.node import Node

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from convexity_compiler.summary.model import FunctionSummary

_FIELDS: Final[dict[type[Node], tuple[str, ...]]] = {}
_HOLDS_NODES: Final = re.compile(
    r"\b(?:Expr|Statement|Parameter|Keyword|DictItem|Generator|WithItem|Handler|Case"
    r"|ImportSummary)\b"
)
"""Types of the fields in which other nodes stand."""


class CallSite(NamedTuple):
    """A call that is not itself the beginning of a longer chain: ``a.b(1).c(2)`` is one site."""

    call: e.Call
    awaited: bool
    """Whether the call stands directly under ``await``."""
    in_loop: bool
    """Whether a loop or comprehension of the same function encloses it."""
    is_statement: bool
    """Whether its value (or that of its ``await``) is dropped."""


def sub_blocks(statement: s.Statement) -> Iterator[tuple[s.Statement, ...]]:
    """Yield the blocks of a compound statement, without those of nested definitions."""
    match statement:
        case s.If() | s.For() | s.While():
            yield statement.body
            yield statement.otherwise
        case s.With():
            yield statement.body
        case s.Try():
            yield statement.body
            for handler in statement.handlers:
                yield handler.body
            yield statement.otherwise
            yield statement.final
        case s.Match():
            for case in statement.cases:
                yield case.body
        case _:
            pass


def walk_statements(statements: Iterable[s.Statement]) -> Iterator[s.Statement]:
    """Yield statements and those nested in them, in source order, nested definitions excluded."""
    for statement in statements:
        yield statement
        for block in sub_blocks(statement):
            yield from walk_statements(block)


def children(node: Node) -> list[Node]:
    """Return the nodes directly below an expression or a part of one."""
    names = _FIELDS.get(type(node))
    if names is None:
        names = _FIELDS[type(node)] = tuple(
            name
            for kind in reversed(type(node).__mro__)
            for name, annotation in vars(kind).get("__annotations__", {}).items()
            if _HOLDS_NODES.search(annotation)
        )
    found: list[Node] = []
    for name in names:
        value = getattr(node, name)
        if type(value) is tuple:
            found += value
        elif value is not None:
            found.append(value)
    return found


def expressions(statement: s.Statement) -> Iterator[e.Expr]:
    """Yield the expressions that stand directly in a statement, in source order."""
    for child in children(statement):
        if isinstance(child, e.Expr):
            yield child
        elif isinstance(child, (s.WithItem, s.Handler, s.Case)):
            for part in children(child):
                if isinstance(part, e.Expr):
                    yield part


def walk(node: Node) -> Iterator[Node]:
    """Yield an expression and everything below it, parents first."""
    pending = [node]
    while pending:
        found = pending.pop()
        yield found
        below = children(found)
        if below:
            below.reverse()
            pending += below


def call_sites(function: FunctionSummary) -> list[CallSite]:
    """List the calls in the body of a function, outermost of each chain, arguments after it."""
    found: list[CallSite] = []
    _block_sites(function.statements, False, found)
    return found


def _block_sites(statements: Iterable[s.Statement], in_loop: bool, found: list[CallSite]) -> None:
    for statement in statements:
        is_statement = isinstance(statement, s.Evaluate)
        repeats = isinstance(statement, s.While)
        for expression in expressions(statement):
            _sites(expression, False, in_loop or repeats, is_statement, found)
        inner = in_loop or isinstance(statement, (s.For, s.While))
        for block in sub_blocks(statement):
            _block_sites(block, inner, found)


def _sites(
    node: Node, awaited: bool, in_loop: bool, is_statement: bool, found: list[CallSite]
) -> None:
    if isinstance(node, e.Await):
        _sites(node.value, True, in_loop, is_statement, found)
    elif isinstance(node, e.Call):
        found.append(CallSite(node, awaited, in_loop, is_statement))
        _chain_arguments(node, in_loop, found)
    elif isinstance(node, e.Comprehension):
        for index, generator in enumerate(node.generators):
            _sites(generator.iterable, False, in_loop or index > 0, False, found)
            for condition in generator.conditions:
                _sites(condition, False, True, False, found)
        for part in (node.key, node.element):
            if part is not None:
                _sites(part, False, True, False, found)
    else:
        for child in children(node):
            _sites(child, False, in_loop, False, found)


def _chain_arguments(call: e.Call, in_loop: bool, found: list[CallSite]) -> None:
    """Calls in the arguments along the chain; the chain itself is one site."""
    inner: e.Expr = call
    while True:
        if isinstance(inner, e.Call):
            for argument in (*inner.arguments, *(keyword.value for keyword in inner.keywords)):
                _sites(argument, False, in_loop, False, found)
            inner = inner.function
        elif isinstance(inner, (e.Attribute, e.Subscript)):
            if isinstance(inner, e.Subscript):
                _sites(inner.index, False, in_loop, False, found)
            inner = inner.value
        elif isinstance(inner, e.Name):
            return
        else:
            _sites(inner, False, in_loop, False, found)
            return
