"""Where functions, tables and indexes are used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.generated_types import marker_name
from convexity_compiler.link.model import Location
from convexity_compiler.lsp.definition import definition_of
from convexity_compiler.lsp.targets import (
    GENERATED_SUFFIXES,
    FunctionTarget,
    IndexTarget,
    TableTarget,
    target_at,
)
from convexity_compiler.lsp.tokens import string_content, string_value, tokens
from convexity_compiler.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.link.project import LinkedProject
    from convexity_compiler.lsp.targets import Target


def references_to(
    project: LinkedProject, target: Target, *, with_definition: bool
) -> list[Location]:
    """Return the places that refer to a target, by module and place."""
    words = _words(target)
    definition = definition_of(target)
    found = {
        place
        for module in project.modules.values()
        if any(word in module.text for word in words)
        for place in _places(project, module.module, words, target)
    }
    if definition is not None:
        overlapping = {place for place in found if place[:1] == definition[:1]}
        found -= {place for place in overlapping if definition.span.encloses(place.span)}
        if with_definition:
            found.add(definition)
    return sorted(found)


def _words(target: Target) -> set[str]:
    """What the source may call a target."""
    match target:
        case FunctionTarget(function=function):
            return {function.name}
        case TableTarget(table=table):
            marker = marker_name(table.name)
            return {table.name, *(f"{marker}{suffix}" for suffix in GENERATED_SUFFIXES)}
        case IndexTarget(index=index):
            return {index.name}
        case _:
            return set()


def _places(
    project: LinkedProject, module: str, words: set[str], target: Target
) -> Iterator[Location]:
    text = project.modules[module].text
    sought = definition_of(target)
    for token in tokens(text):
        if token.kind == "string" and string_value(token) in words:
            start, end = string_content(token)
        elif token.kind == "name" and token.text in words:
            start, end = token.start, token.end
        else:
            continue
        found = target_at(project, module, text, start)
        if found is not None and definition_of(found.target) == sought:
            line = text.count("\n", 0, start) + 1
            column = start - text.rfind("\n", 0, start)
            yield Location(module, Span(line, column, line, column + end - start))
