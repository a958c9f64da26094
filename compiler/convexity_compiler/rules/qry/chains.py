"""Recognising database queries: chains of calls that begin with ``ctx.db.query("table")``.

``ctx`` is any parameter with the type of a context, or one without a type that is called so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from convexity_compiler.rules.walk import nodes
from convexity_compiler.summary.expressions import Attribute, Call, Constant, Expr, Name
from convexity_compiler.summary.statements import Assign, FunctionDefinition
from convexity_compiler.summary.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.summary.model import FunctionSummary, Parameter

_TERMINALS = frozenset({"collect", "first", "paginate", "take", "unique"})
"""Methods after which there is no query any more."""
_CONTEXTS = frozenset({"QueryCtx", "MutationCtx"})
_DATABASES = frozenset({"DatabaseReader", "DatabaseWriter"})


@dataclass(frozen=True, slots=True)
class QueryChain:
    """A query as far as one expression spells it."""

    start: Call
    """The call ``ctx.db.query(...)``."""
    calls: tuple[Call, ...]
    """The calls of methods behind it, in order."""

    @property
    def table(self) -> str | None:
        """Name of the table, when it is a literal."""
        argument = self.start.arguments[0] if self.start.arguments else None
        if isinstance(argument, Constant) and isinstance(argument.value, str):
            return argument.value
        return None

    @property
    def methods(self) -> tuple[str, ...]:
        """Names of the methods behind ``query``."""
        return tuple(
            call.function.name for call in self.calls if isinstance(call.function, Attribute)
        )


class QueryFinder:
    """Recognises queries in one function, through its local variables too."""

    def __init__(self, function: FunctionSummary) -> None:
        self._variables: dict[str, QueryChain | None] = {}
        self._databases: set[str] = set()
        inner = [node.function for node in nodes(function) if isinstance(node, FunctionDefinition)]
        for definition in (function, *inner):
            for parameter in definition.parameters:
                self._databases |= _databases(parameter)
        for item in nodes(function):
            if isinstance(item, Assign) and item.value is not None:
                for target in item.targets:
                    if isinstance(target, Name):
                        self._assign(target.id, item.value)

    def chain(self, expression: Expr) -> QueryChain | None:
        """Return the query an expression builds, or None when it builds none."""
        calls: list[Call] = []
        while isinstance(expression, Call) and isinstance(expression.function, Attribute):
            method = expression.function
            if method.name == "query" and _dotted(method.value) in self._databases:
                return QueryChain(expression, tuple(reversed(calls)))
            if method.name in _TERMINALS:
                return None
            calls.append(expression)
            expression = method.value
        if isinstance(expression, Name):
            known = self._variables.get(expression.id)
            if known is not None:
                return QueryChain(known.start, (*known.calls, *reversed(calls)))
        return None

    def _assign(self, name: str, value: Expr) -> None:
        if _dotted(value) in self._databases:
            self._databases.add(name)
            return
        chain = self.chain(value)
        if name in self._variables and chain is None:
            self._variables[name] = None  # holds something else as well: do not guess
        elif name not in self._variables:
            self._variables[name] = chain


def _databases(parameter: Parameter) -> set[str]:
    """Return how a parameter leads to the database: a context, or the database itself."""
    if parameter.annotation is None:
        return {"ctx.db"} if parameter.name == "ctx" else set()
    names = set(_type_names(parameter.annotation))
    if names & _CONTEXTS:
        return {f"{parameter.name}.db"}
    return {parameter.name} if names & _DATABASES else set()


def _type_names(annotation: Expr) -> Iterator[str]:
    """Yield the last parts of the names in an annotation."""
    for node in walk(annotation):
        if isinstance(node, Name):
            yield node.id
        elif isinstance(node, Attribute):
            yield node.name
        elif isinstance(node, Constant) and isinstance(node.value, str):
            yield from re.findall(r"\w+", node.value)


def _dotted(expression: Expr) -> str | None:
    if isinstance(expression, Name):
        return expression.id
    if isinstance(expression, Attribute):
        value = _dotted(expression.value)
        return f"{value}.{expression.name}" if value else None
    return None
