"""The ``args`` and ``returns`` of a registration, written from the annotations of its handler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from convexity_compiler.link.types import Primitive
from convexity_compiler.rules.writing.names import VALUES, Names, UnwritableError
from convexity_compiler.rules.writing.strings import double_quoted
from convexity_compiler.rules.writing.validators import ValidatorWriter
from convexity_compiler.summary.statements import Return
from convexity_compiler.summary.walk import walk_statements

if TYPE_CHECKING:
    from convexity_compiler.diagnostics.model import Applicability, Edit
    from convexity_compiler.link.model import LinkedFunction, LinkedProject

_NAMED: Final = ("positional", "keyword_only")
"""Kinds of parameters that take an argument by its name."""


class RegistrationText(NamedTuple):
    """A keyword argument of a registration, with what it needs."""

    text: str
    """``returns=v.null()``."""
    applicability: Applicability
    edits: tuple[Edit, ...]
    """The imports it needs."""


def args_text(project: LinkedProject, function: LinkedFunction) -> RegistrationText | None:
    """Return ``args={...}`` for the parameters of a handler, if all annotations say enough."""
    if function.context is None:
        return None
    if not function.parameters:
        return RegistrationText("args={}", "safe", ())
    names = Names(project, function.module)
    writer = ValidatorWriter(project, function.module, names)
    try:
        if all(linked.is_unpacked for linked in function.parameters):
            text = f"args={writer.unpacked(function.parameters[0].parameter)}"
            return RegistrationText(text, "unsafe", names.edits)
        if any(linked.parameter.kind not in _NAMED for linked in function.parameters):
            return None
        items = [
            f"{double_quoted(linked.wire_name)}: {writer.argument(linked)}"
            for linked in function.parameters
        ]
    except UnwritableError:
        return None
    return RegistrationText(f"args={{{', '.join(items)}}}", "unsafe", names.edits)


def returns_text(project: LinkedProject, function: LinkedFunction) -> RegistrationText | None:
    """Return ``returns=...`` for the result of a handler, if its annotation says enough.

    Without an annotation it is null where nothing is returned.
    """
    annotation = function.definition.returns
    model = function.return_annotation.type
    is_nothing = model == Primitive("None") or (annotation is None and _returns_nothing(function))
    names = Names(project, function.module)
    try:
        if is_nothing:
            text = f"returns={names.name(VALUES, 'v')}.null()"
            return RegistrationText(text, "safe", names.edits)
        if annotation is None:
            return None
        writer = ValidatorWriter(project, function.module, names)
        text = f"returns={writer.value(model, annotation)}"
        return RegistrationText(text, "unsafe", names.edits)
    except UnwritableError:
        return None


def _returns_nothing(function: LinkedFunction) -> bool:
    """Whether every path ends without a value."""
    definition = function.definition
    return not definition.is_generator and not any(
        isinstance(statement, Return) and statement.value is not None
        for statement in walk_statements(definition.statements)
    )
