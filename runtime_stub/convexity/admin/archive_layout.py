"""Where what is in a zip file of documents: the layout of Convex's snapshots.

``<table>/documents.jsonl`` holds a document per line in the encoded form, which is exact, and
``_tables/documents.jsonl`` the number of each table. Stored files are ``_storage/<id>``, and
``_storage/documents.jsonl`` has their rows. All that a component has lies below
``_components/<name>/``, and what one within it has below a further ``_components/<name>/``.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from convexity.storage.rows import STORAGE

DOCUMENTS: Final = "documents.jsonl"
_TABLES: Final = "_tables"
_COMPONENTS: Final = "_components"
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)


class TablePlace(NamedTuple):
    """A table of a deployment."""

    component: str
    """Path of the component; empty for the application."""
    table: str

    def __str__(self) -> str:
        return "/".join(filter(None, self))

    @property
    def entry(self) -> str:
        """Where its documents are."""
        return f"{folder_of(self.component)}{self.table}/{DOCUMENTS}"


def folder_of(component: str) -> str:
    """Where a component's data lie, given by its path; ends with a slash unless it is empty."""
    return "".join(f"{_COMPONENTS}/{name}/" for name in component.split("/") if name)


def numbers_of(component: str) -> str:
    """Where the numbers of a component's tables are."""
    return f"{folder_of(component)}{_TABLES}/{DOCUMENTS}"


def place_of(entry: str) -> TablePlace | None:
    """The table whose documents are in an entry, ``_tables`` and ``_storage`` too.

    ``None``: it is none of that.
    """
    *outer, table, file = ["", *entry.split("/")]
    component = _component(outer[1:])
    if component is None or file != DOCUMENTS or not _NAME.fullmatch(table):
        return None
    return TablePlace(component, table)


def is_stored_file(entry: str) -> bool:
    """Whether an entry has the bytes of a stored file."""
    *outer, folder, file = ["", "", *entry.split("/")]
    return folder == STORAGE and file != DOCUMENTS and _component(outer[2:]) is not None


def is_numbers(place: TablePlace) -> bool:
    """Whether it is not a table, but the numbers of tables."""
    return place.table == _TABLES


def _component(folders: list[str]) -> str | None:
    """The path of the component that has a folder; ``None`` if it is of none."""
    markers, names = folders[::2], folders[1::2]
    if len(markers) != len(names) or any(marker != _COMPONENTS for marker in markers):
        return None
    return "/".join(names) if all(_NAME.fullmatch(name) for name in names) else None
