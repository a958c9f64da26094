"""Annotations written as strings."""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING

from convexity_compiler.summary.expression_builder import ExpressionBuilder

if TYPE_CHECKING:
    from convexity_compiler.span import Span
    from convexity_compiler.summary.expressions import Expr


def parse_annotation(text: str, span: Span) -> Expr | None:
    """Parse the content of a string annotation; every part of it gets the place of the string.

    Returns None when it is no expression.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = ast.parse(f"({text.strip()})", mode="eval")
        return ExpressionBuilder(lambda _: span).expression(parsed.body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
