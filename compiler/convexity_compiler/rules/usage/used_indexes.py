"""Which indexes the queries of a project use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.values import literal_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.link.model import LinkedIndex, LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.summary.expressions import Call, Expr

_METHODS: Final = frozenset({"with_index", "with_search_index"})


def used_indexes(
    project: LinkedProject,
) -> Iterator[tuple[FunctionUse, Expr, LinkedIndex | None]]:
    """Yield the names of indexes in queries and vector searches, each with the index.

    None stands for an index that is not declared, or whose name is no literal.
    """
    for use, call, table, position in _calls(project):
        found = project.schema.tables.get(table or "") if project.schema else None
        name = literal_text(call, position)
        index = found.index(name) if found is not None and name is not None else None
        yield use, call.arguments[position], index


def index_names(project: LinkedProject) -> Iterator[tuple[str | None, str | None]]:
    """Yield the table and the index of each use; None for what is no literal."""
    for _, call, table, position in _calls(project):
        yield table, literal_text(call, position)


def _calls(project: LinkedProject) -> Iterator[tuple[FunctionUse, Call, str | None, int]]:
    """Yield the calls that name an index: the function, the call, the table, and where."""
    for use in functions(project):
        for step in use.query_calls:
            if step.method.name in _METHODS and step.call.arguments:
                yield use, step.call, step.query.table, 0
        for site in use.context_calls:
            if site.method.name == "vector_search" and len(site.call.arguments) > 1:
                yield use, site.call, literal_text(site.call, 0), 1
