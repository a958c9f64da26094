"""How mismatches of annotations are told, and mended where that is simple."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.agreement import annotation_text
from convexity_compiler.rules.editing import replace_text

if TYPE_CHECKING:
    from convexity.values import Validator

    from convexity_compiler.link.agreement import Mismatch
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.span import Span

_BUILTINS = re.compile(r"(?:None|bool|bytes|dict|float|int|list|str|[\[\], |])+")
"""Annotations that need no import."""


def disagreement(mismatch: Mismatch) -> str:
    """Return what is wrong, with the place inside the type when it is not the whole."""
    path = ".".join(mismatch.path).replace(".[]", "[]")
    return f"at `{path}`: {mismatch.reason}" if path else mismatch.reason


def remedy(validator: Validator) -> str:
    """Return what to write, if it has a name."""
    text = annotation_text(validator)
    if validator.is_optional or "object" in text:
        return "change the annotation or the validator, so that they mean the same"
    return f"write `{text}`, or change the validator"


def replace_annotation(
    project: LinkedProject, module: str, span: Span, validator: Validator
) -> Fix | None:
    """Return the fix that writes the validator's annotation, if that needs no import."""
    text = annotation_text(validator)
    if validator.is_optional or not _BUILTINS.fullmatch(text):
        return None
    edit = replace_text(project, module, span, text)
    return Fix(title=f"write `{text}`", applicability="safe", edits=(edit,))
