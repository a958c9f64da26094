"""Documents that functions write as dict literals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from convexity_compiler.link.types import IdType
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.values import literal_text
from convexity_compiler.summary.expressions import Dict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.link.model import LinkedProject, LinkedTable
    from convexity_compiler.rules.usage.functions import ContextCall, FunctionUse

SYSTEM_FIELDS: Final = frozenset({"_id", "_creationTime"})


class WrittenDocument(NamedTuple):
    """A dict literal that is written."""

    module: str
    method: str
    """``insert``, ``patch`` or ``replace``."""
    literal: Dict
    table: LinkedTable | None
    """None where it is not known."""


def written_documents(project: LinkedProject) -> Iterator[WrittenDocument]:
    """Yield the documents and patches that are literals at the place of the call."""
    for use in functions(project):
        for site in use.context_calls:
            if (
                site.owner.path != ("db",)
                or site.method.name not in ("insert", "patch", "replace")
                or len(site.call.arguments) != 2
            ):
                continue
            literal = site.call.arguments[1]
            if isinstance(literal, Dict):
                table = _table(project, use, site)
                yield WrittenDocument(use.module, site.method.name, literal, table)


def _table(project: LinkedProject, use: FunctionUse, site: ContextCall) -> LinkedTable | None:
    if project.schema is None:
        return None
    if site.method.name == "insert":
        return project.schema.tables.get(literal_text(site.call, 0) or "")
    name = use.scope.parameter(site.call.arguments[0])
    for parameter in use.registered.parameters if use.registered and name else ():
        model = parameter.annotation.type
        if parameter.parameter.name == name and isinstance(model, IdType):
            return project.schema.tables.get(model.table or "")
    return None
