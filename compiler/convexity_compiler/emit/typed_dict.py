"""Source of TypedDict definitions."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from convexity_compiler.emit.imports import Imports
from convexity_compiler.emit.layout import (
    Alternatives,
    Atom,
    Group,
    Labelled,
    Node,
    call,
    dictionary,
    layout,
    subscript,
)
from convexity_compiler.emit.literals import python_literal

_WORDS = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class TypedDictField:
    """A key of a TypedDict with the annotation of its value."""

    name: str
    node: Node
    is_required: bool = True


def typed_dict(
    name: str,
    fields: Sequence[TypedDictField],
    imports: Imports,
    *,
    is_partial: bool = False,
    is_closed: bool = False,
) -> str:
    """Write a TypedDict.

    The functional form is used where a key cannot be written in a class body: a keyword, a name
    that Python would mangle, or one that would shadow a type that the body needs.

    Args:
        name: Name of the type.
        fields: Keys in order.
        imports: Collects what the definition needs.
        is_partial: Whether no key is required.
        is_closed: Whether values with further keys are refused.

    """
    head = Atom(imports.name("typing_extensions", "TypedDict"))
    options: list[Node] = []
    if is_partial:
        options.append(Atom("total=False"))
    if is_closed:
        options.append(Atom("closed=True"))
    nodes = {field.name: _annotated(field, imports) for field in fields}
    if _needs_functional_form(nodes):
        items = (Atom(python_literal(name)), dictionary(nodes), *options)
        return layout(Labelled(f"{name} = ", call(head.text, *items)))
    header = layout(call(f"class {name}", head, *options), reserve=1 if fields else 5)
    if not fields:
        return f"{header}: ..."
    lines = [f"    {layout(Labelled(f'{key}: ', node), indent=4)}\n" for key, node in nodes.items()]
    return f"{header}:\n{''.join(lines)}".rstrip("\n")


def _annotated(field: TypedDictField, imports: Imports) -> Node:
    if field.is_required:
        return field.node
    return subscript(imports.name("typing", "NotRequired"), field.node)


def _needs_functional_form(nodes: dict[str, Node]) -> bool:
    used = {word for node in nodes.values() for word in _words(node)}
    return any(
        keyword.iskeyword(key) or key in used or (key.startswith("__") and not key.endswith("__"))
        for key in nodes
    )


def _words(node: Node) -> Iterator[str]:
    match node:
        case Atom(text):
            yield from _WORDS.findall(text)
        case Group(opening, items):
            yield from _WORDS.findall(opening)
            for item in items:
                yield from _words(item)
        case Alternatives(members):
            for member in members:
                yield from _words(member)
        case Labelled(_, inner):
            yield from _words(inner)
