"""Renaming an index in the schema and wherever it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.symbols import Defined
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.values import literal_text
from convexity_compiler.rules.writing.names import UnwritableError
from convexity_compiler.rules.writing.removals import remove_link
from convexity_compiler.rules.writing.strings import double_quoted
from convexity_compiler.summary.expressions import Constant
from convexity_compiler.summary.statements import Assign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Edit
    from convexity_compiler.link.model import LinkedIndex, LinkedProject, LinkedTable
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.summary.expressions import Expr

_METHODS: Final = {"index": "with_index", "search": "with_search_index"}


def rename_index(
    project: LinkedProject, table: LinkedTable, index: LinkedIndex, name: str
) -> Fix | None:
    """Return the unsafe fix that gives an index another name, here and in every use.

    None where the table has an index of this name, or where some use cannot be seen.
    """
    is_literal = project.text_of(index.name_location).startswith(('"', "'"))
    if table.index(name) is not None or not is_literal:
        return None
    try:
        edits = redirect_index(project, table, index, name)
    except UnwritableError:
        return None
    place = index.name_location
    declared = replace_text(project, place.module, place.span, double_quoted(name))
    return Fix(
        title=f"rename it to `{name}`, here and where it is used",
        applicability="unsafe",
        edits=(declared, *edits),
    )


def redirect_index(
    project: LinkedProject, table: LinkedTable, index: LinkedIndex, name: str
) -> tuple[Edit, ...]:
    """Return the edits that make every use of an index name another one.

    Raises UnwritableError where some use cannot be seen.
    """
    found: dict[tuple[str, object], Edit] = {}
    for use in functions(project.whole):
        for argument in _mentions(use, table, index):
            place = _literal(project, use, argument)
            if place is None:
                raise UnwritableError
            source, literal = place
            if literal.value == index.name:
                edit = replace_text(project, source, literal.span, double_quoted(name))
                found[source, literal.span] = edit
    return tuple(found.values())


def _mentions(use: FunctionUse, table: LinkedTable, index: LinkedIndex) -> Iterator[Expr]:
    """The arguments that name an index of the table, or of a table that is not known."""
    method = _METHODS.get(index.kind)
    for site in use.query_calls:
        if site.method.name == method and site.query.table in (table.name, None):
            yield from site.written.arguments[:1]
    for call in use.context_calls:
        is_vector = call.method.name == "vector_search" and not call.owner.path
        if is_vector and index.kind == "vector" and literal_text(call.call, 0) == table.name:
            yield from call.written.arguments[1:2]


def _literal(
    project: LinkedProject, use: FunctionUse, argument: Expr
) -> tuple[str, Constant] | None:
    """The string that an argument is, with the module it stands in: itself, or a constant's."""
    value = use.scope.constant(argument)
    if isinstance(value, Constant):
        return use.module, value
    symbol = use.scope.symbol(value)
    if not isinstance(symbol, Defined) or symbol.attributes:
        return None
    bound = project.resolver.bound(symbol.module, symbol.name)
    definition = bound[0].definition if len(bound) == 1 else None
    if isinstance(definition, Assign) and isinstance(definition.value, Constant):
        return symbol.module, definition.value
    return None


def remove_index(
    project: LinkedProject, table: LinkedTable, index: LinkedIndex, other: LinkedIndex
) -> Fix | None:
    """Return the unsafe fix that removes an index and makes its queries use another one."""
    removal = remove_link(project, index.location)
    if removal is None:
        return None
    try:
        edits = redirect_index(project, table, index, other.name)
    except UnwritableError:
        return None
    return Fix(
        title=f"remove `{index.name}`, and use `{other.name}` in its place",
        applicability="unsafe",
        edits=(removal, *edits),
    )
