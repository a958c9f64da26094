"""Places in the signature of a function that the summary does not keep."""

from __future__ import annotations

import io
import tokenize
from typing import TYPE_CHECKING

from convexity_compiler.span import Span

if TYPE_CHECKING:
    from convexity_compiler.summary.model import FunctionSummary, ModuleSummary, Parameter

_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")


def parameters_place(module: ModuleSummary, function: FunctionSummary) -> Span | None:
    """Return the place of what stands between the parentheses of a signature."""
    line, column = function.name_span[2:]
    end_line, end_column = function.body_span[:2]
    header = module.source(Span(line, column, end_line, end_column))
    depth = 0
    opened = (line, column)
    try:
        for token in tokenize.generate_tokens(io.StringIO(header).readline):
            if token.type != tokenize.OP:
                continue
            if token.string in _OPENING:
                if depth == 0 and token.string == "(":
                    opened = _place(line, column, token.end)
                depth += 1
            elif token.string in _CLOSING:
                depth -= 1
                if depth == 0 and token.string == ")":
                    return Span(*opened, *_place(line, column, token.start))
    except (tokenize.TokenError, IndentationError):
        pass
    return None


def after_name(parameter: Parameter) -> Span:
    """Return the place right behind the name of a parameter."""
    line, column = parameter.span[:2]
    return Span(line, column, line, column + len(parameter.name))


def _place(line: int, column: int, token: tuple[int, int]) -> tuple[int, int]:
    """Place in the module of a place in a text that begins at a place of the module."""
    row, offset = token
    return (line, column + offset) if row == 1 else (line + row - 1, offset + 1)
