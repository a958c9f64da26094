"""Expressions of a module: a serialisable mirror of the expression part of ``ast``.

Every expression keeps its sub-expressions, so that rules can look for calls anywhere; what no
stage ever evaluates is an ``Opaque`` with its parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from convexity_compiler.span import Span
from convexity_compiler.summary.node import Node, node

if TYPE_CHECKING:
    from convexity_compiler.summary.model import Parameter

ConstantValue: TypeAlias = bool | int | float | str | bytes | None
ComprehensionKind: TypeAlias = Literal["list", "set", "dict", "generator"]


@node
class Expr(Node):
    """Base of all expressions."""


@node
class Constant(Expr):
    """``None``, a boolean, a number, a string or bytes; adjacent strings are one constant."""

    value: ConstantValue


@node
class Name(Expr):
    """A bare name."""

    id: str


@node
class Attribute(Expr):
    """``value.name``."""

    value: Expr
    name: str

    @property
    def name_span(self) -> Span:
        """Place of the name after the dot."""
        _, _, line, column = self.span
        return Span(line, column - len(self.name), line, column)


@node
class Keyword(Node):
    """``name=value`` in a call; ``name`` is None for ``**value``."""

    name: str | None
    value: Expr

    @property
    def name_span(self) -> Span:
        """Place of the name before the equals sign."""
        line, column = self.span[:2]
        return Span(line, column, line, column + len(self.name or "**"))


@node
class Call(Expr):
    """``function(*arguments, **keywords)``."""

    function: Expr
    arguments: tuple[Expr, ...]
    keywords: tuple[Keyword, ...]

    def keyword(self, name: str) -> Keyword | None:
        """The keyword argument called ``name``, if given literally."""
        for keyword in self.keywords:
            if keyword.name == name:
                return keyword
        return None


@node
class Subscript(Expr):
    """``value[index]``; several indices are one ``Tuple``."""

    value: Expr
    index: Expr


@node
class Starred(Expr):
    """``*value`` in a call, a display or a target."""

    value: Expr


@node
class List(Expr):
    """``[...]``."""

    elements: tuple[Expr, ...]


@node
class Tuple(Expr):
    """``(...)`` or elements with commas."""

    elements: tuple[Expr, ...]


@node
class DictItem(Node):
    """``key: value`` of a display; ``key`` is None for ``**value``."""

    key: Expr | None
    value: Expr


@node
class Dict(Expr):
    """``{...}`` with keys."""

    items: tuple[DictItem, ...]


@node
class Unary(Expr):
    """``not x``, ``-x``, ``+x``, ``~x``."""

    operator: str
    operand: Expr


@node
class Binary(Expr):
    """Arithmetic and bit operators, ``|`` among them."""

    operator: str
    left: Expr
    right: Expr


@node
class Boolean(Expr):
    """``a and b and c`` or ``a or b or c``."""

    operator: Literal["and", "or"]
    values: tuple[Expr, ...]


@node
class Compare(Expr):
    """``left < a == b``; operators as written, ``is not`` and ``not in`` with one space."""

    left: Expr
    operators: tuple[str, ...]
    comparators: tuple[Expr, ...]


@node
class Conditional(Expr):
    """``body if test else otherwise``."""

    test: Expr
    body: Expr
    otherwise: Expr


@node
class Interpolation(Expr):
    """``{value!r:spec}`` of an f-string."""

    value: Expr
    conversion: str
    """``""``, ``"r"``, ``"s"`` or ``"a"``."""
    format_spec: Expr | None


@node
class FormattedString(Expr):
    """An f-string: ``Constant`` and ``Interpolation`` parts."""

    parts: tuple[Expr, ...]


@node
class Await(Expr):
    """``await value``."""

    value: Expr


@node
class Walrus(Expr):
    """``target := value``."""

    target: Expr
    value: Expr


@node
class Lambda(Expr):
    """``lambda parameters: body``."""

    parameters: tuple[Parameter, ...]
    body: Expr


@node
class Generator(Node):
    """``for target in iterable if conditions`` of a comprehension."""

    target: Expr
    iterable: Expr
    conditions: tuple[Expr, ...]
    is_async: bool


@node
class Comprehension(Expr):
    """A comprehension; ``key`` is given for dict comprehensions only."""

    kind: ComprehensionKind
    key: Expr | None
    element: Expr
    generators: tuple[Generator, ...]


@node
class Opaque(Expr):
    """Any other expression: the name of its ``ast`` class and its sub-expressions in order.

    Slices, ``yield``, sets, complex numbers and ``...`` are of this kind.
    """

    kind: str
    parts: tuple[Expr, ...]
