"""The range behind ``with_index``: which fields it fixes, and where it goes wrong."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from convexity_compiler.link.model import Location
from convexity_compiler.memo import Memo
from convexity_compiler.records import value
from convexity_compiler.rules.base import label_at
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.tables import table_of
from convexity_compiler.rules.usage.values import TERMINALS, literal_text
from convexity_compiler.summary.expressions import Attribute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Label
    from convexity_compiler.link.model import LinkedIndex, LinkedProject, LinkedTable
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.summary.expressions import Call

_LOWER: Final = frozenset({"gt", "gte"})
_UPPER: Final = frozenset({"lt", "lte"})
_RANGE: Final = _LOWER | _UPPER | {"eq"}
_CREATION_TIME: Final = "_creationTime"

Fault: TypeAlias = Literal["unknown_field", "order", "bounds"]


@value
class RangeFault:
    """The first step of a range that its index does not allow."""

    fault: Fault
    module: str
    call: Call
    field: str
    expected: str | None
    """The field that may come here; None when no step may."""
    reason: str
    """One clause without a full stop; empty where ``expected`` says it all."""
    fields: tuple[str, ...]
    """Fields of the index with the creation time, in order."""
    table: LinkedTable
    index: LinkedIndex | None
    """None for the built-in index by creation time."""
    equalities: tuple[Call, ...]
    """The equalities at the beginning of the range, those behind the fault included."""

    @property
    def location(self) -> Location:
        """The field that is named, or the value that stands in its place."""
        return Location(self.module, self.call.arguments[0].span)

    def definition(self, project: LinkedProject) -> Label:
        """Point to the index, or to the table of a built-in one."""
        if self.index is None:
            return label_at(project, self.table.name_location, "the table")
        return label_at(project, self.index.location, "the index")


_FAULTS: Final[Memo[FunctionUse, tuple[RangeFault, ...]]] = Memo()


def range_faults(project: LinkedProject, kind: Fault) -> Iterator[RangeFault]:
    """Yield the faults of one kind in all ranges whose index and fields are literals."""
    for use in functions(project):
        found = _FAULTS.get(use)
        if found is None:
            found = _FAULTS[use] = tuple(_faults(project, use))
        for entry in found:
            if entry.fault == kind:
                yield entry


def _faults(project: LinkedProject, use: FunctionUse) -> Iterator[RangeFault]:
    seen: set[tuple[Fault, int]] = set()
    for site in use.query_calls:
        table = table_of(project, site.query)
        if table is None or not site.query.is_exact:
            continue
        ends = site.method.name in TERMINALS
        calls = site.query.calls if ends else (*site.query.calls, site.call)
        found = _fault(use.module, table, calls)
        if found is not None and (found.fault, id(found.call)) not in seen:
            seen.add((found.fault, id(found.call)))
            yield found


def _fault(module: str, table: LinkedTable, calls: tuple[Call, ...]) -> RangeFault | None:
    steps = iter(calls)
    name = None
    for call in steps:
        if _method(call) == "with_index":
            name = literal_text(call, 0)
            break
    index = table.index(name or "")
    if index is not None and index.kind == "index":
        fields = (*index.fields, _CREATION_TIME)
    elif name == "by_creation_time":
        index, fields = None, (_CREATION_TIME,)
    else:
        return None
    position = 0
    bounds: set[str] = set()
    rest = tuple(steps)
    equalities = tuple(takewhile(lambda call: _method(call) == "eq", rest))
    for call in rest:
        method = _method(call)
        field = literal_text(call, 0)
        if method not in _RANGE or field is None:
            return None
        expected = fields[position] if position < len(fields) else None
        fault: Fault | None = None
        reason = ""
        side = "lower" if method in _LOWER else "upper"
        if field not in fields:
            fault = "unknown_field"
        elif bounds and method == "eq":
            fault, reason = "bounds", "an equality cannot follow a bound"
        elif bounds and field != expected:
            fault, reason = "bounds", f"the bounds are on `{expected}`, and a range has one field"
        elif method != "eq" and side in bounds:
            fault, reason = "bounds", f"there is {_article(side)} bound already"
        elif field != expected:
            fault = "order"
        if fault is not None:
            return RangeFault(
                fault, module, call, field, expected, reason, fields, table, index, equalities
            )
        if method == "eq":
            position += 1
        else:
            bounds.add(side)
    return None


def _article(side: str) -> str:
    return "a lower" if side == "lower" else "an upper"


def _method(call: Call) -> str:
    return call.function.name if isinstance(call.function, Attribute) else ""
