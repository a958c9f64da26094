"""How mismatches of annotations are told, and mended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity.values import IdValidator
from convexity.values.validators import flatten, required

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link import types as t
from convexity_compiler.link.agreement import annotation_text
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.tables import unknown_table
from convexity_compiler.rules.writing.annotations import AnnotationWriter
from convexity_compiler.rules.writing.names import Names, UnwritableError
from convexity_compiler.summary.expressions import Constant

if TYPE_CHECKING:
    from convexity.values import Validator

    from convexity_compiler.diagnostics.model import Edit
    from convexity_compiler.link.agreement import Mismatch
    from convexity_compiler.link.model import LinkedParameter, LinkedProject
    from convexity_compiler.span import Span

TEXT: Final = t.Primitive("str")
"""What ``str`` means as an annotation."""


def is_reported_elsewhere(project: LinkedProject, mismatch: Mismatch) -> bool:
    """Whether another rule than those about mismatches says it, and more plainly."""
    return is_text_for_id(mismatch) or _is_about_unknown_table(project, mismatch)


def is_text_for_id(mismatch: Mismatch) -> bool:
    """Whether an annotation says `str` where its validator takes the ids of a table."""
    if mismatch.validator is None or mismatch.annotation is None:
        return False
    members = flatten(required(mismatch.validator))
    return (
        TEXT in t.members(mismatch.annotation)
        and any(isinstance(member, IdValidator) for member in members)
        and not any(member.kind == "string" for member in members)
    )


def _is_about_unknown_table(project: LinkedProject, mismatch: Mismatch) -> bool:
    """Whether the validator names a table that the schema lacks, which unknown-table-id says."""
    return mismatch.validator is not None and any(
        isinstance(member, IdValidator) and unknown_table(project, member.table_name)
        for member in flatten(required(mismatch.validator))
    )


def disagreement(mismatch: Mismatch) -> str:
    """Return what is wrong, with the place inside the type when it is not the whole."""
    path = ".".join(mismatch.path).replace(".[]", "[]")
    return f"at `{path}`: {mismatch.reason}" if path else mismatch.reason


def remedy(validator: Validator, fix: Fix | None) -> str:
    """Return what to write, if it has a name."""
    if fix is not None:
        return f"{fix.title}, or change the validator"
    text = annotation_text(validator)
    if validator.is_optional or "object" in text:
        return "change the annotation or the validator, so that they mean the same"
    return f"write `{text}`, or change the validator"


def written_annotation(
    project: LinkedProject,
    module: str,
    validator: Validator,
    linked: LinkedParameter | None = None,
) -> tuple[str, tuple[Edit, ...]] | None:
    """Return the annotation of a validator as a module spells it, and the imports it needs.

    ``linked`` is the parameter, if it is for one: its default decides what stands for absent.
    None where the annotation has no name.
    """
    is_static = project.modules[module].future_annotations
    names = Names(project, module, static=is_static)
    writer = AnnotationWriter(project, names)
    try:
        if linked is None or _has_value(linked):
            text = writer.annotation(validator)
        else:
            text = writer.parameter_annotation(validator)
    except UnwritableError:
        return None
    return text, names.edits


def replace_annotation(
    project: LinkedProject,
    module: str,
    span: Span,
    validator: Validator,
    linked: LinkedParameter | None = None,
) -> Fix | None:
    """Return the fix that writes the validator's annotation, if it has a name."""
    written = written_annotation(project, module, validator, linked)
    if written is None:
        return None
    text, imports = written
    edit = replace_text(project, module, span, text)
    return Fix(title=f"write `{text}`", applicability="safe", edits=(edit, *imports))


def _has_value(linked: LinkedParameter) -> bool:
    """Whether the default of a parameter is a value like those that arrive."""
    default = linked.parameter.default
    return isinstance(default, Constant) and default.value is not None
