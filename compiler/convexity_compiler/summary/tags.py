"""Numbers of the node classes in the serialised summary.

A summary is built as plain lists, ``[tag, line, column, end line, end column, *fields]``, which
are at once what the cache stores and what the typed nodes are decoded from when somebody looks.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from convexity_compiler.summary import expressions, model, statements

if TYPE_CHECKING:
    from convexity_compiler.summary.node import Node

Tree: TypeAlias = Any
"""A JSON value: the serialised form of a node, a tuple of nodes or a plain value."""

NODE_CLASSES: Final[tuple[type[Node], ...]] = (
    expressions.Constant,
    expressions.Name,
    expressions.Attribute,
    expressions.Keyword,
    expressions.Call,
    expressions.Subscript,
    expressions.Starred,
    expressions.List,
    expressions.Tuple,
    expressions.DictItem,
    expressions.Dict,
    expressions.Unary,
    expressions.Binary,
    expressions.Boolean,
    expressions.Compare,
    expressions.Conditional,
    expressions.Interpolation,
    expressions.FormattedString,
    expressions.Await,
    expressions.Walrus,
    expressions.Lambda,
    expressions.Generator,
    expressions.Comprehension,
    expressions.Opaque,
    statements.Evaluate,
    statements.Assign,
    statements.Return,
    statements.Raise,
    statements.If,
    statements.For,
    statements.While,
    statements.WithItem,
    statements.With,
    statements.Handler,
    statements.Try,
    statements.Case,
    statements.Match,
    statements.Delete,
    statements.Assert,
    statements.Scope,
    statements.Jump,
    statements.Import,
    statements.FunctionDefinition,
    statements.ClassDefinition,
    model.Problem,
    model.Comment,
    model.ImportSummary,
    model.Parameter,
    model.ClassField,
)

_TAG_OF: Final = {cls: tag for tag, cls in enumerate(NODE_CLASSES)}


def tag(cls: type[Node]) -> int:
    """Return the number of a node class."""
    return _TAG_OF[cls]


def layout() -> str:
    """Describe every node class and its fields; the cache is void when this changes."""
    return ";".join(
        f"{cls.__name__}({','.join(entry.name for entry in fields(cls))})" for cls in NODE_CLASSES
    )
