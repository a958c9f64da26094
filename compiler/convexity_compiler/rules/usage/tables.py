"""Comparing names in queries with the schema."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.platform import SYSTEM_TABLES
from convexity_compiler.rules.editing import replace_text

if TYPE_CHECKING:
    from collections.abc import Collection

    from convexity_compiler.link.model import LinkedProject, LinkedTable, Location
    from convexity_compiler.rules.usage.values import Query
    from convexity_compiler.summary.expressions import Expr


def unknown_table(project: LinkedProject, name: str) -> bool:
    """Whether the schema, known as a whole, has no table of this name, nor has the system."""
    schema = project.schema
    return (
        schema is not None
        and schema.is_complete
        and name not in schema.tables
        and name not in SYSTEM_TABLES
    )


def table_of(project: LinkedProject, query: Query) -> LinkedTable | None:
    """Return the table of the schema that a query reads."""
    if query.is_system or query.table is None or project.schema is None:
        return None
    return project.schema.tables.get(query.table)


def nearest_name(name: str, known: Collection[str]) -> str | None:
    """Return the name that may be meant."""
    return next(iter(difflib.get_close_matches(name, known, n=1)), None)


def rename_fix(project: LinkedProject, module: str, literal: Expr, name: str | None) -> Fix | None:
    """Return the fix that writes another name in the place of a string literal."""
    if name is None:
        return None
    edit = replace_text(project, module, literal.span, f'"{name}"')
    return Fix(title=f'use "{name}"', applicability="unsafe", edits=(edit,))


def rename_literal(project: LinkedProject, place: Location, name: str) -> Fix | None:
    """Return the unsafe fix that writes another name, if a string literal stands at ``place``."""
    source = project.text_of(place)
    if not name or source[:1] not in ('"', "'"):
        return None
    edit = replace_text(project, place.module, place.span, f'"{name}"')
    return Fix(title=f'use "{name}"', applicability="unsafe", edits=(edit,))


def listed(names: Collection[str]) -> str:
    """Return names for a sentence."""
    return ", ".join(f"`{name}`" for name in names) or "none"
