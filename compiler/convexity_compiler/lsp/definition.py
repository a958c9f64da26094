"""Where the things are defined that a place refers to, and where they are used."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, assert_never

from convexity_compiler.link.model import Location
from convexity_compiler.lsp.targets import (
    ComponentFunctionTarget,
    FieldTarget,
    FunctionTarget,
    IndexTarget,
    ModuleTarget,
    RuleTarget,
    TableTarget,
)
from convexity_compiler.rules.base import TOP_OF_FILE
from convexity_compiler.span import Span

if TYPE_CHECKING:
    from convexity_compiler.lsp.targets import Target


def definition_of(target: Target) -> Location | None:
    """Return where a target is defined; None for rules, and for what another project has."""
    match target:
        case FunctionTarget(function=function):
            return function.location
        case ModuleTarget(module=module):
            return Location(module, TOP_OF_FILE)
        case TableTarget(table=table):
            return table.name_location
        case IndexTarget(index=index):
            return index.name_location
        case FieldTarget(table=table, name=name):
            field = table.document.field(name)
            return None if field is None else field.key
        case RuleTarget() | ComponentFunctionTarget():
            return None
        case _:
            assert_never(target)


def moved(span: Span, before: str, after: str) -> Span:
    """Return where the word at ``span`` of an earlier text is in a later one: the occurrence
    nearest to its old line; the beginning of that line when the word is gone."""
    lines = before.split("\n")
    word = lines[span.line - 1][span.column - 1 : span.end_column - 1]
    places = [
        (number, match.start() + 1)
        for number, line in enumerate(after.split("\n"), start=1)
        for match in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", line)
        if word
    ]
    if not places:
        line = min(span.line, after.count("\n") + 1)
        return Span(line, 1, line, 1)
    line, column = min(places, key=lambda place: abs(place[0] - span.line))
    return Span(line, column, line, column + len(word))
