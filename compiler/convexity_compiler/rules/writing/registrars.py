"""Registering a function with another registrar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.records import replace
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.writing.names import GENERATED_SERVER, Names, UnwritableError
from convexity_compiler.summary.expressions import Name

if TYPE_CHECKING:
    from convexity_compiler.link.model import LinkedFunction, LinkedProject


def register_as(
    project: LinkedProject, function: LinkedFunction, registrar: str, context: str | None = None
) -> Fix | None:
    """Return the unsafe fix that registers a function with ``registrar``.

    ``context`` is the name of the type of its context, where that changes too. None where the
    registrar is not a plain name, or the name of the other is taken.
    """
    written = function.call.function if function.call else function.registration
    annotation = function.context.annotation if function.context else None
    if not isinstance(written, Name):
        return None
    names = Names(project, function.module)
    try:
        texts = {written.span: names.name(GENERATED_SERVER, registrar)}
        if context is not None and isinstance(annotation, Name):
            texts[annotation.span] = names.name(GENERATED_SERVER, context)
    except UnwritableError:
        return None
    # All findings in the function want the same edits.
    edits = [
        replace(replace_text(project, function.module, span, text), shared=True)
        for span, text in texts.items()
    ]
    return Fix(
        title=f"make it `@{registrar}`", applicability="unsafe", edits=(*edits, *names.edits)
    )
