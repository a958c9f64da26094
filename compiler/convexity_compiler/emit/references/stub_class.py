"""Parts of classes in the stubs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from convexity_compiler.emit.layout import Node, call, layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convexity_compiler.emit.imports import Imports


@dataclass(frozen=True, slots=True)
class StubClass:
    """A class of a stub.

    Attributes:
        header: Source up to, but without, the colon.
        members: Source of each member, without the indentation of its first line.

    """

    header: str
    members: tuple[str, ...]


def stacked(blocks: Sequence[str]) -> str:
    """Join top-level declarations: a blank line between them, but not between empty classes."""
    text = ""
    previous = ""
    for block in blocks:
        is_pair = _is_empty_class(previous) and _is_empty_class(block)
        text += f"\n{block}" if is_pair else f"\n\n{block}"
        previous = block
    return text.lstrip("\n")


def _is_empty_class(block: str) -> bool:
    return block.startswith("class ") and block.endswith(": ...")


def stub_class(name: str, base: Node | None, members: Sequence[str]) -> StubClass:
    """Make a class; without members its body is ``...``."""
    reserve = len(":" if members else ": ...")
    header = (
        f"class {name}" if base is None else layout(call(f"class {name}", base), reserve=reserve)
    )
    return StubClass(header, tuple(members))


def overloads(signatures: Sequence[str], imports: Imports) -> list[str]:
    """Put ``@overload`` above each of several signatures; a single one must not have it."""
    if len(signatures) < 2:
        return list(signatures)
    decorator = imports.name("typing", "overload")
    return [f"@{decorator}\n    {signature}" for signature in signatures]
