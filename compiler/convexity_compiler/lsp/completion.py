"""What may be written at a place: names of tables, indexes, fields, functions and rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from convexity_compiler.link.platform import SYSTEM_TABLES
from convexity_compiler.lsp.cursor import AtComment, AtName, AtString, cursor_at
from convexity_compiler.lsp.describe import describe, field_type, index_line, kind_of, signature
from convexity_compiler.lsp.queries import CREATION_TIME, INDEX_KINDS, TABLE_METHODS, query_at
from convexity_compiler.lsp.scopes import reference_at
from convexity_compiler.lsp.suppression_comments import rule_name_due
from convexity_compiler.lsp.targets import FunctionTarget, ModuleTarget, TableTarget
from convexity_compiler.rules.registry import all_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.link.model import LinkedTable, ReferencePath
    from convexity_compiler.link.project import LinkedProject

SuggestionKind: TypeAlias = Literal["table", "index", "field", "function", "module", "rule"]

_VISIBILITY: Final = {"api": "public", "internal": "internal"}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that may be written."""

    text: str
    kind: SuggestionKind
    detail: str = ""
    """One line of plain text."""
    documentation: str = ""
    """Markdown."""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What may stand in the place of a part of the text, the likeliest first."""

    start: int
    end: int
    entries: tuple[Suggestion, ...]


def suggestions_at(
    project: LinkedProject, module: str, text: str, offset: int
) -> Suggestions | None:
    """Return what may be written at ``offset`` of a module's text."""
    cursor = cursor_at(text, offset)
    match cursor:
        case AtComment():
            place = rule_name_due(cursor, offset)
            return None if place is None else Suggestions(*place, tuple(_rules()))
        case AtString():
            entries = tuple(_strings(project, module, text, cursor))
        case AtName():
            entries = tuple(_names(project, module, text, cursor))
        case None:
            return None
    return Suggestions(cursor.start, cursor.end, entries) if entries else None


def _rules() -> Iterator[Suggestion]:
    for rule in all_rules():
        summary = rule.documentation().partition("\n")[0]
        yield Suggestion(rule.name, "rule", rule.code, summary)


def _strings(
    project: LinkedProject, module: str, text: str, cursor: AtString
) -> Iterator[Suggestion]:
    if project.schema is None:
        return
    if cursor.method in TABLE_METHODS and not cursor.arguments and not cursor.keyword:
        is_system = any(step.name == "system" for step in cursor.function)
        if is_system or cursor.method == "id":
            for name in SYSTEM_TABLES:
                yield Suggestion(name, "table", "system table")
        if not is_system:
            for table in project.schema.tables.values():
                about = describe(project, TableTarget(table))
                yield Suggestion(table.name, "table", "table", about)
        return
    query = query_at(project, module, text, cursor)
    if query is None:
        return
    if query.names_index:
        yield from _indexes(query.table, INDEX_KINDS[query.method])
    else:
        for name in query.fields:
            detail = "float" if name == CREATION_TIME else field_type(query.table, name)
            yield Suggestion(name, "field", detail)


def _indexes(table: LinkedTable, kind: str) -> Iterator[Suggestion]:
    for index in table.indexes:
        if index.kind == kind:
            yield Suggestion(index.name, "index", ", ".join(index.fields), index_line(index))
    if kind == "index":
        yield Suggestion("by_creation_time", "index", CREATION_TIME)


def _names(project: LinkedProject, module: str, text: str, cursor: AtName) -> Iterator[Suggestion]:
    if not cursor.chain or not cursor.is_reached:
        return
    if any(step.strings is not None for step in cursor.chain):
        return
    names = tuple(step.name for step in cursor.chain)
    reference = reference_at(project, module, text, cursor.start, names)
    if reference is None:
        return
    if reference.root in _VISIBILITY:
        yield from _members(project, reference)
    elif reference.mount is None:
        for mount in project.app.components if project.app is not None else ():
            yield Suggestion(mount.name, "module", "component")
    else:
        component = project.component(reference.mount)
        if component is not None:
            yield from _members(component, reference.in_component)


def _members(project: LinkedProject, reference: ReferencePath) -> Iterator[Suggestion]:
    """What may follow a reference: modules that hold such functions, and functions."""
    visibility = _VISIBILITY[reference.root]
    prefix = "".join(f"{part}/" for part in reference.parts)
    modules: dict[str, str] = {}
    for function in project.functions:
        if function.visibility != visibility:
            continue
        if f"{function.module}/" == prefix:
            yield Suggestion(
                function.name,
                "function",
                f"{kind_of(function)} {signature(project, function)}",
                describe(project, FunctionTarget(function)),
            )
        elif function.module.startswith(prefix):
            name = function.module[len(prefix) :].partition("/")[0]
            modules.setdefault(name, prefix + name)
    for name, path in modules.items():
        about = describe(project, ModuleTarget(path)) if path in project.modules else ""
        yield Suggestion(name, "module", f"{project.config.functions}/{path}", about)
