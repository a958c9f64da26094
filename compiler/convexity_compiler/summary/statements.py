"""Statements of a module: a serialisable mirror of the statement part of ``ast``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from convexity_compiler.summary.node import Node, node

if TYPE_CHECKING:
    from convexity_compiler.summary.expressions import Expr
    from convexity_compiler.summary.model import ClassSummary, FunctionSummary, ImportSummary

JumpKind: TypeAlias = Literal["pass", "break", "continue"]


@node
class Statement(Node):
    """Base of all statements."""


@node
class Evaluate(Statement):
    """An expression whose value is dropped."""

    value: Expr


@node
class Assign(Statement):
    """``a = b = value``, ``a: annotation = value``, ``a += value`` or ``type a = value``."""

    targets: tuple[Expr, ...]
    value: Expr | None
    annotation: Expr | None = None
    operator: str = ""
    """``+`` for ``+=``; empty for a plain assignment."""
    is_type_statement: bool = False


@node
class Return(Statement):
    """``return value``."""

    value: Expr | None


@node
class Raise(Statement):
    """``raise exception from cause``."""

    exception: Expr | None
    cause: Expr | None


@node
class If(Statement):
    """``if test: body else: otherwise``; ``elif`` is an ``If`` alone in ``otherwise``."""

    test: Expr
    body: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]


@node
class For(Statement):
    """``for target in iterable``."""

    target: Expr
    iterable: Expr
    body: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]
    is_async: bool


@node
class While(Statement):
    """``while test``."""

    test: Expr
    body: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]


@node
class WithItem(Node):
    """``context as target``."""

    context: Expr
    target: Expr | None


@node
class With(Statement):
    """``with items``."""

    items: tuple[WithItem, ...]
    body: tuple[Statement, ...]
    is_async: bool


@node
class Handler(Node):
    """``except exception as name``; ``exception`` is None for a bare ``except``."""

    exception: Expr | None
    name: str | None
    body: tuple[Statement, ...]


@node
class Try(Statement):
    """``try`` with its handlers."""

    body: tuple[Statement, ...]
    handlers: tuple[Handler, ...]
    otherwise: tuple[Statement, ...]
    final: tuple[Statement, ...]
    is_group: bool
    """Whether the handlers are ``except*``."""


@node
class Case(Node):
    """``case pattern if guard``."""

    names: tuple[str, ...]
    """Names the pattern binds."""
    is_irrefutable: bool
    """Whether the pattern alone matches everything, as ``_`` does."""
    guard: Expr | None
    body: tuple[Statement, ...]


@node
class Match(Statement):
    """``match subject``."""

    subject: Expr
    cases: tuple[Case, ...]


@node
class Delete(Statement):
    """``del targets``."""

    targets: tuple[Expr, ...]


@node
class Assert(Statement):
    """``assert test, message``."""

    test: Expr
    message: Expr | None


@node
class Scope(Statement):
    """``global names`` or ``nonlocal names``."""

    kind: Literal["global", "nonlocal"]
    names: tuple[str, ...]


@node
class Jump(Statement):
    """``pass``, ``break`` or ``continue``."""

    kind: JumpKind


@node
class Import(Statement):
    """One import statement; each name it binds is one ``ImportSummary``."""

    bindings: tuple[ImportSummary, ...]


@node
class FunctionDefinition(Statement):
    """``def`` or ``async def`` inside a body."""

    function: FunctionSummary


@node
class ClassDefinition(Statement):
    """``class`` inside a body."""

    definition: ClassSummary
