"""Layout of function signatures in stubs."""

from __future__ import annotations

from convexity_compiler.emit.layout import (
    INDENT,
    LINE_LENGTH,
    Atom,
    Labelled,
    Node,
    enclosed,
    layout,
    one_line,
)


def parameter(name: str, annotation: Node, default: str = "") -> Labelled:
    """Return ``name: annotation = default``, or without the default when it is empty."""
    return Labelled(f"{name}: ", annotation, f" = {default}" if default else "")


def function(
    name: str,
    parameters: list[Node],
    returns: Node,
    *,
    indent: int = 0,
    is_async: bool = False,
    body: str = " ...",
) -> str:
    """Write the header of a function, up to and including its colon and ``body``.

    Args:
        name: Name of the function.
        parameters: Parameters in order, with the markers ``*`` and ``/`` as atoms.
        returns: Annotation of the result.
        indent: Columns by which the ``def`` is indented; they are not part of the text.
        is_async: Whether it is a coroutine function.
        body: What follows the colon on the same line; empty when the body comes below.

    """
    opening = f"{'async ' if is_async else ''}def {name}("
    end = f":{body}"
    flat = f"{opening}{', '.join(map(one_line, parameters))}) -> "
    if indent + len(flat) + len(one_line(returns)) + len(end) <= LINE_LENGTH:
        return flat + one_line(returns) + end
    if parameters:
        lines = [
            layout(item, indent=indent + INDENT, reserve=1, bracketed=True) + ","
            for item in parameters
        ]
        flat = enclosed(opening, lines, ") -> ", indent)
        column = indent + len(") -> ")
    else:
        column = indent + len(flat)
    if isinstance(returns, Atom) and column + len(returns.text) + len(end) > LINE_LENGTH:
        return flat + enclosed("(", [returns.text], ")", indent) + end
    return flat + layout(returns, indent=indent, column=column, reserve=len(end)) + end
