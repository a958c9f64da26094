"""Documents that functions write as dict literals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from convexity.values import ObjectValidator
from convexity.values.validators import accepts_null

from convexity_compiler.link.types import IdType
from convexity_compiler.memo import Memo
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.local_types import local_types, present
from convexity_compiler.rules.usage.values import literal_text
from convexity_compiler.summary.expressions import Constant, Dict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.link.model import LinkedProject, LinkedTable
    from convexity_compiler.rules.usage.functions import ContextCall, FunctionUse
    from convexity_compiler.summary.expressions import DictItem

SYSTEM_FIELDS: Final = frozenset({"_id", "_creationTime"})


class WrittenDocument(NamedTuple):
    """A dict literal that is written."""

    use: FunctionUse
    method: str
    """``insert``, ``patch`` or ``replace``."""
    literal: Dict
    table: LinkedTable | None
    """None where it is not known."""

    @property
    def module(self) -> str:
        """Wire path of the module that writes it."""
        return self.use.module


_WRITTEN: Final[Memo[LinkedProject, tuple[WrittenDocument, ...]]] = Memo()


def written_documents(project: LinkedProject) -> tuple[WrittenDocument, ...]:
    """Return the documents and patches that are literals, if only in a variable used once."""
    if project.base is project:
        return tuple(_written_documents(project))  # its functions are forgotten module by module
    found = _WRITTEN.get(project)
    if found is None:
        found = _WRITTEN[project] = tuple(_written_documents(project))
    return found


def _written_documents(project: LinkedProject) -> Iterator[WrittenDocument]:
    for use in functions(project):
        for site in use.context_calls:
            if (
                site.owner.path != ("db",)
                or site.method.name not in ("insert", "patch", "replace")
                or len(site.call.arguments) != 2
            ):
                continue
            literal = local_types(use).display(site.call.arguments[1])
            if isinstance(literal, Dict):
                table = _table(project, use, site)
                yield WrittenDocument(use, site.method.name, literal, table)


def absent_nulls(document: WrittenDocument) -> Iterator[DictItem]:
    """Yield the items that are literal None where a field may be absent, and not null."""
    validator = document.table.document.validator if document.table else None
    if not isinstance(validator, ObjectValidator):
        return
    for item in document.literal.items:
        name = item.key.value if isinstance(item.key, Constant) else None
        field = validator.fields.get(name) if isinstance(name, str) else None
        is_none = isinstance(item.value, Constant) and item.value.value is None
        if is_none and field is not None and field.is_optional and not accepts_null(field):
            yield item


def _table(project: LinkedProject, use: FunctionUse, site: ContextCall) -> LinkedTable | None:
    if project.schema is None:
        return None
    if site.method.name == "insert":
        return project.schema.tables.get(literal_text(site.call, 0) or "")
    model = local_types(use).of(site.call.arguments[0])
    found = present(model) if model is not None else []
    if len(found) == 1 and isinstance(found[0], IdType):
        return project.schema.tables.get(found[0].table or "")
    return None
