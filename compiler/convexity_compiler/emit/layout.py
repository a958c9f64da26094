"""Layout of generated Python expressions in the style of ``ruff format``.

An expression is a small tree. It is written on one line where it fits; otherwise its outermost
bracket is opened, one item per line with a trailing comma, which ruff then keeps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from convexity_compiler.emit.literals import python_literal

LINE_LENGTH = 100
"""Longest line of generated Python."""
INDENT = 4


@dataclass(frozen=True, slots=True)
class Atom:
    """Source text that is never broken."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A string, written as adjacent literals where one is too long for a line."""

    value: str


@dataclass(frozen=True, slots=True)
class Group:
    """Items between brackets: a call, a subscript, a display."""

    opening: str
    items: tuple[Node, ...]
    closing: str
    trailing_comma: bool = True
    """Whether the last item may be followed by a comma; not so in a subscript with one item."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A parameter, keyword argument or dictionary entry: ``label`` ends in ``=`` or ``: ``."""

    label: str
    node: Node
    default: str = ""
    """What follows the node: ``" = None"``."""


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Types joined by ``|``."""

    members: tuple[Node, ...]


Node: TypeAlias = Atom | Text | Group | Labelled | Alternatives


def call(function: str, *items: Node) -> Group:
    """Return ``function(items)``."""
    return Group(f"{function}(", items, ")")


def subscript(name: str, *items: Node) -> Group:
    """Return ``name[items]``."""
    return Group(f"{name}[", items, "]", trailing_comma=len(items) > 1)


def dictionary(entries: dict[str, Node]) -> Group:
    """Return a dict display with string keys."""
    return Group(
        "{", tuple(Labelled(f"{python_literal(key)}: ", node) for key, node in entries.items()), "}"
    )


def layout(
    node: Node,
    *,
    indent: int = 0,
    column: int | None = None,
    reserve: int = 0,
    bracketed: bool = False,
) -> str:
    """Write ``node`` as source text.

    Args:
        node: The expression.
        indent: Columns by which its line is indented.
        column: Column where the expression starts; by default ``indent``.
        reserve: Columns needed behind it on its last line, such as 1 for a comma.
        bracketed: Whether brackets stand around it already, so that it may break by itself.

    """
    start = indent if column is None else column
    if _room_after(node, LINE_LENGTH - start - reserve) >= 0:
        return one_line(node)
    match node:
        case Atom(text):
            return text
        case Labelled(label, inner, default):
            laid_out = layout(
                inner,
                indent=indent,
                column=start + len(label),
                reserve=reserve + len(default),
                bracketed=bracketed and not isinstance(inner, Text),
            )
            return f"{label}{laid_out}{default}"
        case Text(value) if bracketed:
            return ("\n" + " " * indent).join(_pieces(value, LINE_LENGTH - start - reserve))
        case Text(value):
            pieces = _pieces(value, LINE_LENGTH - indent - INDENT)
            return enclosed("(", pieces, ")", indent)
        case Alternatives(members) if bracketed:
            return _operands(members, indent=indent, column=start, reserve=reserve)
        case Alternatives():
            operands = layout(node, indent=indent + INDENT, bracketed=True)
            return enclosed("(", [operands], ")", indent)
        case Group(opening, items, closing, trailing_comma):
            comma = "," if trailing_comma else ""
            lines = [
                layout(item, indent=indent + INDENT, reserve=len(comma), bracketed=True) + comma
                for item in items
            ]
            return enclosed(opening, lines, closing, indent)


def _room_after(node: Node, room: int) -> int:
    """Columns of ``room`` that ``node`` leaves on one line; negative as soon as it does not fit."""
    match node:
        case Atom(text):
            return room - len(text)
        case Text(value):
            return room - (len(python_literal(value)) if len(value) < room else room + 1)
        case Labelled(label, inner, default):
            return _room_after(inner, room - len(label) - len(default))
        case Alternatives(parts):
            room -= len(" | ") * (len(parts) - 1)
        case Group(opening, parts, closing):
            room -= len(opening) + len(closing) + len(", ") * max(len(parts) - 1, 0)
    for part in parts:
        if room < 0:
            break
        room = _room_after(part, room)
    return room


def one_line(node: Node) -> str:
    """Write ``node`` on one line, however long."""
    match node:
        case Atom(text):
            return text
        case Text(value):
            return python_literal(value)
        case Labelled(label, inner, default):
            return f"{label}{one_line(inner)}{default}"
        case Alternatives(members):
            return " | ".join(one_line(member) for member in members)
        case Group(opening, items, closing):
            return opening + ", ".join(one_line(item) for item in items) + closing


def enclosed(opening: str, lines: list[str], closing: str, indent: int) -> str:
    """Put ``lines`` (of which each may itself span several) between brackets."""
    margin = "\n" + " " * (indent + INDENT)
    return opening + margin + margin.join(lines) + "\n" + " " * indent + closing


def _operands(members: tuple[Node, ...], *, indent: int, column: int, reserve: int) -> str:
    """Put each member of a union on a line of its own."""
    first, *middle, last = members
    texts = [layout(first, indent=indent, column=column)]
    texts += [layout(member, indent=indent, column=indent + 2) for member in middle]
    texts.append(layout(last, indent=indent, column=indent + 2, reserve=reserve))
    return ("\n" + " " * indent + "| ").join(texts)


def _pieces(text: str, width: int) -> list[str]:
    """Write ``text`` as literals of at most ``width`` columns, cut after a space if possible."""
    pieces = []
    while len(python_literal(text)) > width:
        end = min(len(text), width)
        while len(python_literal(text[:end])) > width:
            end -= 1
        cut = text.rfind(" ", 1, end) + 1 or end
        pieces.append(python_literal(text[:cut]))
        text = text[cut:]
    return [*pieces, python_literal(text)]
