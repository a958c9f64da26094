"""Types of the fields of a table, for index ranges and filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values import ObjectValidator, UnionValidator, Validator
from convexity.values.validators import AnyValidator, flatten, required

from convexity_compiler.emit.layout import Atom, Node
from convexity_compiler.emit.references.tables import (
    document_shapes,
    table_name,
    with_system_fields,
)
from convexity_compiler.type_names import Place

if TYPE_CHECKING:
    from convexity_compiler.emit.types import TypePrinter
    from convexity_compiler.ir import TableIR


class FieldTypes:
    """Annotations of the values that the fields of one table hold."""

    def __init__(self, table: TableIR, printer: TypePrinter) -> None:
        self._printer = printer
        self._place = Place(table_name(table), table.name)
        self._documents = [
            with_system_fields(table.name, shape) for _, shape in document_shapes(table)
        ]
        self.document: Node = Atom(printer.known_name(f"{table_name(table)}Doc"))
        """Type of a document."""

    def field(self, path: str) -> Node:
        """Type of the field at a dotted path; with ``Unset`` where it may be absent."""
        found: dict[Validator, None] = {}
        may_be_absent = False
        pending: list[tuple[Validator, list[str]]] = [
            (document, path.split(".")) for document in self._documents
        ] or [(AnyValidator(), [])]
        while pending:
            validator, names = pending.pop(0)
            may_be_absent |= validator.is_optional
            for member in flatten(required(validator)):
                if not names or member.kind == "any":
                    found[member] = None
                elif isinstance(member, ObjectValidator) and names[0] in member.fields:
                    pending.append((member.fields[names[0]], names[1:]))
                else:
                    may_be_absent = True
        if not found:
            return self._printer.annotation(AnyValidator(), self._place)
        node = self._printer.annotation(UnionValidator(tuple(found)), self._place)
        return self._printer.or_unset(node) if may_be_absent else node
