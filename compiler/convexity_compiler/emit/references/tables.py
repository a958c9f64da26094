"""``_tables.pyi``: the types of documents and ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from convexity.values import ObjectValidator, Validator
from convexity.values.validators import IdValidator, NumberValidator, flatten

from convexity_compiler.emit.imports import Imports
from convexity_compiler.emit.layout import (
    Alternatives,
    Atom,
    Labelled,
    Node,
    call,
    layout,
    subscript,
)
from convexity_compiler.emit.names import NameTable
from convexity_compiler.emit.references.rendering import render
from convexity_compiler.emit.references.stub_class import stacked
from convexity_compiler.emit.typed_dict import typed_dict
from convexity_compiler.emit.types import KnownTypes, TypePrinter
from convexity_compiler.ir import TableIR
from convexity_compiler.type_names import Place, pascal_case

SYSTEM_TYPES: Final = ("ScheduledFunctions", "ScheduledFunctionsDoc", "Storage", "StorageDoc")
"""Types of the system tables, which every data model exports from ``convexity.server``."""


@dataclass(frozen=True, slots=True)
class TableTypes:
    """The ``_tables`` module and what others need to know of it."""

    text: str
    known: KnownTypes
    """Its types as the other modules of ``_generated`` see them."""


def table_name(table: TableIR) -> str:
    """Marker class of a table: ``project_members`` is ``ProjectMembers``."""
    return pascal_case(table.name)


def document_shapes(table: TableIR) -> list[tuple[Place, ObjectValidator]]:
    """The objects that a table's documents may be, without system fields."""
    place = Place(table_name(table), table.name)
    members = flatten(table.validator)
    return [
        (member_place, member)
        for member_place, member in zip(place.members(members), members, strict=True)
        if isinstance(member, ObjectValidator)
    ]


def with_system_fields(table: str, shape: ObjectValidator) -> ObjectValidator:
    """A document as it is read."""
    system: dict[str, Validator] = {"_id": IdValidator(table), "_creationTime": NumberValidator()}
    return ObjectValidator({**system, **shape.fields})


def table_types(tables: tuple[TableIR, ...]) -> TableTypes:
    """Print the types of all tables.

    Raises:
        GeneratedNameError: two of them would have the same name.

    """
    writer = _TablesWriter(tables)
    if writer.imports.used & set(writer.exported):
        writer = _TablesWriter(tables, shadowed=frozenset(writer.exported))
    return TableTypes(
        text=render("tables.pyi", imports=writer.imports.text(), blocks=stacked(writer.blocks)),
        known=KnownTypes(
            module="._tables",
            markers=writer.markers,
            objects=writer.objects,
            unions=writer.unions,
            names=writer.exported,
        ),
    )


class _TablesWriter:
    """Collects declarations table by table."""

    def __init__(self, tables: tuple[TableIR, ...], shadowed: frozenset[str] = frozenset()) -> None:
        taken = {name: f"`{name}` of convexity" for name in ("Id", *SYSTEM_TYPES)}
        self._names = NameTable("_generated/data_model", taken)
        self.imports = Imports(shadowed)
        self.markers = {table.name: table_name(table) for table in tables}
        self.blocks: list[str] = []
        self.exported: list[str] = []
        self.objects: dict[ObjectValidator, str] = {}
        self.unions: dict[frozenset[ObjectValidator], str] = {}
        known = KnownTypes("", self.markers, objects={}, unions={}, names=())
        self._printer = TypePrinter(self.imports, self._names, known)
        for table in tables:
            self._claim(table_name(table), f"table `{table.name}`")
        for table in tables:
            self._table(table)
        for name, shape in self._printer.declared.items():
            self.objects.setdefault(shape, name)

    def _claim(self, name: str, meaning: str) -> str:
        self.exported.append(name)
        return self._names.claim(name, meaning)

    def _table(self, table: TableIR) -> None:
        name = table_name(table)
        shapes = document_shapes(table)
        declared = len(self._printer.declarations)
        aliases: dict[str, list[str]] = {suffix: [] for suffix in ("Fields", "Patch", "Doc")}
        blocks = []
        for place, shape in shapes:
            for suffix, text in self._member(table, place, shape).items():
                aliases[suffix].append(f"{place.name}{suffix}")
                blocks.append(text)
        nested = self._printer.declarations[declared:]
        self.blocks += [*nested, *blocks]
        self.exported += list(self._printer.declared)[declared:]
        if len(shapes) != 1:
            self._aliases(name, table.name, aliases)
        if len(shapes) > 1:
            members = (with_system_fields(table.name, shape) for _, shape in shapes)
            self.unions[frozenset(members)] = f"{name}Doc"
        base = call(f"class {name}", self._table_of(f"{name}Doc"))
        docstring = f'    """Table `{table.name}`."""'
        self.blocks.append(f"{layout(base, reserve=1)}:\n{docstring}")

    def _member(self, table: TableIR, place: Place, shape: ObjectValidator) -> dict[str, str]:
        """Declarations of one object that the table's documents may be, by suffix of the name."""
        for suffix in ("Fields", "Patch", "Doc"):
            self._claim(f"{place.name}{suffix}", f"the documents of table `{place.text}`")
        document = with_system_fields(table.name, shape)
        self.objects[document] = f"{place.name}Doc"
        fields = self._printer.fields(shape, place)
        patch = self._printer.patch_fields(shape, place)
        system = self._printer.fields(document, place)[:2]
        return {
            "Fields": typed_dict(f"{place.name}Fields", fields, self.imports, is_closed=True),
            "Patch": typed_dict(
                f"{place.name}Patch", patch, self.imports, is_partial=True, is_closed=True
            ),
            "Doc": typed_dict(f"{place.name}Doc", [*system, *fields], self.imports),
        }

    def _aliases(self, name: str, table: str, members: dict[str, list[str]]) -> None:
        """Declare the types of a table that holds a union, or values of any shape."""
        alias = self.imports.name("typing", "TypeAlias")
        for suffix, names in members.items():
            self._claim(f"{name}{suffix}", f"the documents of table `{table}`")
            if names:
                node: Node = Alternatives(tuple(Atom(member) for member in names))
            else:
                value = Atom(self.imports.name("typing", "Any"))
                node = subscript(
                    self.imports.builtin("dict"), Atom(self.imports.builtin("str")), value
                )
            self.blocks.append(layout(Labelled(f"{name}{suffix}: {alias} = ", node)))

    def _table_of(self, document: str) -> Node:
        return subscript(self.imports.name("convexity.values", "Table"), Atom(document))
