"""What a place of the source refers to: a function, module, table, index, field or rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from convexity_compiler.lsp.cursor import AtComment, AtName, AtString, cursor_at
from convexity_compiler.lsp.queries import INDEX_DEFINITIONS, TABLE_METHODS, query_at
from convexity_compiler.lsp.scopes import reference_at, symbol_at
from convexity_compiler.lsp.suppression_comments import rule_in_comment

if TYPE_CHECKING:
    from convexity_compiler.link.model import LinkedFunction, LinkedIndex, LinkedTable, Location
    from convexity_compiler.link.project import LinkedProject
    from convexity_compiler.rules.base import Rule

GENERATED_SUFFIXES: Final = ("", "Doc", "Fields", "Patch")
"""What follows the name of a table in the names of its generated types."""
_DATA_MODEL: Final = "_generated.data_model."


@dataclass(frozen=True, slots=True)
class FunctionTarget:
    """A registered function."""

    function: LinkedFunction


@dataclass(frozen=True, slots=True)
class ComponentFunctionTarget:
    """A public function of a component in use."""

    component: LinkedProject
    function: LinkedFunction


@dataclass(frozen=True, slots=True)
class ModuleTarget:
    """A module, by wire path."""

    module: str


@dataclass(frozen=True, slots=True)
class TableTarget:
    """A table of the schema."""

    table: LinkedTable


@dataclass(frozen=True, slots=True)
class IndexTarget:
    """An index of a table."""

    table: LinkedTable
    index: LinkedIndex


@dataclass(frozen=True, slots=True)
class FieldTarget:
    """A field of a table's documents."""

    table: LinkedTable
    name: str


@dataclass(frozen=True, slots=True)
class RuleTarget:
    """A rule of the checker."""

    rule: type[Rule]


Target: TypeAlias = (
    FunctionTarget
    | ComponentFunctionTarget
    | ModuleTarget
    | TableTarget
    | IndexTarget
    | FieldTarget
    | RuleTarget
)


@dataclass(frozen=True, slots=True)
class Found:
    """A target, and the part of the text that refers to it."""

    target: Target
    start: int
    end: int


def target_at(project: LinkedProject, module: str, text: str, offset: int) -> Found | None:
    """Return what the place at ``offset`` of a module's text refers to."""
    cursor = cursor_at(text, offset)
    match cursor:
        case AtComment():
            found = rule_in_comment(cursor, offset)
            return None if found is None else Found(RuleTarget(found.rule), found.start, found.end)
        case AtString():
            target = _string_target(project, module, text, cursor)
        case AtName():
            target = _name_target(project, module, text, cursor)
        case None:
            return None
    return None if target is None else Found(target, cursor.start, cursor.end)


def _string_target(
    project: LinkedProject, module: str, text: str, cursor: AtString
) -> Target | None:
    if project.schema is None:
        return None
    if not cursor.arguments and not cursor.keyword and cursor.method in TABLE_METHODS:
        table = project.schema.tables.get(cursor.value)
        return None if table is None else TableTarget(table)
    if cursor.method in INDEX_DEFINITIONS:
        return _declared(project, module, text, cursor.start - 1)
    query = query_at(project, module, text, cursor)
    if query is None:
        return None
    if query.names_index:
        index = query.table.index(cursor.value)
        return None if index is None else IndexTarget(query.table, index)
    if query.table.document.field(cursor.value) is not None:
        return FieldTarget(query.table, cursor.value)
    return None


def _name_target(project: LinkedProject, module: str, text: str, cursor: AtName) -> Target | None:
    if cursor.follows == "def":
        return _own_function(project, module, cursor.name)
    if not cursor.is_reached or not all(step.strings is None for step in cursor.chain):
        return None
    names = (*(step.name for step in cursor.chain), cursor.name)
    reference = reference_at(project, module, text, cursor.start, names)
    if reference is not None and reference.root == "components":
        component = project.component(reference.mount or "")
        function = project.component_function(reference)
        if component is None or function is None:
            return None
        return ComponentFunctionTarget(component, function)
    if reference is not None:
        function = project.function(reference)
        if function is not None:
            return FunctionTarget(function)
        path = "/".join(reference.parts)
        return ModuleTarget(path) if path in project.modules else None
    origin = symbol_at(project, module, text, cursor.start, names) or ""
    if origin.startswith(_DATA_MODEL) and project.schema is not None:
        return _generated_type(project, origin.removeprefix(_DATA_MODEL))
    return _declared(project, module, text, cursor.start) if not cursor.chain else None


def _own_function(project: LinkedProject, module: str, name: str) -> FunctionTarget | None:
    for function in project.functions:
        if function.module == module and function.definition.name == name:
            return FunctionTarget(function)
    return None


def _generated_type(project: LinkedProject, name: str) -> TableTarget | None:
    """The table behind ``Messages``, ``MessagesDoc``, ``MessagesFields`` or ``MessagesPatch``."""
    assert project.schema is not None
    for suffix in GENERATED_SUFFIXES:
        if name.endswith(suffix):
            marker = name.removesuffix(suffix)
            table = project.schema.tables.get(project.generated.table(marker) or "")
            if table is not None:
                return TableTarget(table)
    return None


def _declared(
    project: LinkedProject, module: str, text: str, start: int
) -> TableTarget | IndexTarget | None:
    """The table or index whose name is given at a place of the schema."""
    line = text.count("\n", 0, start) + 1
    column = start - text.rfind("\n", 0, start)
    for table in project.schema.tables.values() if project.schema is not None else ():
        if _begins(table.name_location, module, line, column):
            return TableTarget(table)
        for index in table.indexes:
            if _begins(index.name_location, module, line, column):
                return IndexTarget(table, index)
    return None


def _begins(place: Location, module: str, line: int, column: int) -> bool:
    return place.module == module and place.span[:2] == (line, column)
