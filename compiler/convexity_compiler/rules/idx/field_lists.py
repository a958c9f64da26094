"""The lists of fields in indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.span import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from convexity_compiler.link.model import LinkedIndex, LinkedProject, Location


def listed_places(
    project: LinkedProject, is_wanted: Callable[[str], bool]
) -> Iterator[tuple[LinkedIndex, Location]]:
    """Yield the places in all indexes where fields of certain names are listed."""
    for table in project.tables:
        for index in table.indexes:
            fields = (*index.fields, *index.filter_fields)
            places = (*index.field_locations, *index.filter_locations)
            for field, place in zip(fields, places, strict=True):
                if is_wanted(field):
                    yield index, place


def without_entry(
    project: LinkedProject, places: tuple[Location, ...], position: int
) -> Fix | None:
    """Return the fix that removes an entry of a list, which is not its first, with the comma.

    None where the list is not written out, or something else stands before the entry.
    """
    if position == 0 or places[position] == places[position - 1]:
        return None
    before, entry = places[position - 1].span, places[position].span
    span = Span(*before[2:], *entry[2:])
    between = project.modules[places[position].module].source(Span(*before[2:], *entry[:2]))
    if between.strip() != ",":
        return None
    edit = replace_text(project, places[position].module, span, "")
    return Fix(title="remove it", applicability="safe", edits=(edit,))
