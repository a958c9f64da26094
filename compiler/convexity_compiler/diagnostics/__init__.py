"""What the checker says, and how it is printed."""

from convexity_compiler.diagnostics.model import (
    Applicability,
    Category,
    Diagnostic,
    Edit,
    Fix,
    Label,
    Silence,
    sort_diagnostics,
)

__all__ = [
    "Applicability",
    "Category",
    "Diagnostic",
    "Edit",
    "Fix",
    "Label",
    "Silence",
    "sort_diagnostics",
]
