"""What an import does to tables: which get documents, which get other numbers.

Ids hold the number of their table, and documents hold ids, in fields that the schema tells of and
in others. So an import rewrites no id: where a table has another number here than in the file, it
takes that of the file, as long as nothing here has an id with one of the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from convexity.admin.archive_layout import TablePlace
from convexity.errors import NumberTakenError
from convexity.storage.rows import STORAGE
from convexity.values import ArrayValidator, IdValidator, ObjectValidator, RecordValidator
from convexity.values.ids import (
    COMPONENT_TABLE_BLOCK,
    FIRST_COMPONENT_TABLE_NUMBER,
    FIRST_USER_TABLE_NUMBER,
    STORAGE_TABLE_NUMBER,
    SYSTEM_TABLE_NUMBERS,
)
from convexity.values.validators import flatten, required

if TYPE_CHECKING:
    from convexity.admin.import_source import Source
    from convexity.database.catalog import Catalog, CatalogTable
    from convexity.database.engine import Snapshot, WriteTransaction
    from convexity.values import Validator

_LARGEST: Final = 1_000_000
"""Far beyond what databases give, and far below where ids would end."""
_OUT: Final = "import all of the file with --replace-all, or into a database without documents"


class ImportProblemsError(Exception):
    """Nothing was imported; the text lists why."""


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """Which tables get documents, and what their numbers will be."""

    places: Sequence[TablePlace]
    """The tables that get documents."""
    current: Mapping[str, Catalog]
    """Tables by component, as they are."""
    catalogs: Mapping[str, Catalog]
    """Tables by component, as they will be."""
    renumbered: Mapping[TablePlace, int]
    """Tables that get another number."""

    def table(self, place: TablePlace) -> CatalogTable:
        """A table as it will be."""
        return self.catalogs[place.component].table(place.table)

    async def renumber(self, store: WriteTransaction) -> None:
        """Give tables their numbers, when those to be replaced are empty.

        Raises:
            ImportProblemsError: something here has an id with one of the numbers.
        """
        if not self.renumbered:
            return
        filled = [place for place in self.renumbered if await self._is_filled(store, place)]
        if filled:
            raise ImportProblemsError("\n".join(map(self._problem, filled)))
        moved = {*self.renumbered, *self._displaced()}
        for place in self._all():
            table = self.current[place.component].table(place.table)
            named = [other for other in _named(table.table.validator, place) if other in moved]
            if named and place not in self.renumbered and await self._is_filled(store, place):
                raise ImportProblemsError(
                    f"table {str(place)!r} stays and may hold ids of {str(named[0])!r}, which "
                    f"would get another number: {_OUT}"
                )
        numbers = {
            self.table(place).table.qualified_name: number
            for place, number in self.renumbered.items()
        }
        try:
            await store.renumber(numbers)
        except NumberTakenError as error:
            raise ImportProblemsError(
                f"number {error.number} of the file belongs here to table {error.table!r}, which "
                f"has documents: {_OUT}; delete documents of tables that are in no schema any more "
                "with POST /api/delete_tables"
            ) from None

    async def _is_filled(self, store: Snapshot, place: TablePlace) -> bool:
        return bool(await store.count(self.current[place.component].table(place.table).table))

    def _problem(self, place: TablePlace) -> str:
        number = self.current[place.component].table(place.table).number
        return (
            f"table {str(place)!r} has number {number} here and {self.renumbered[place]} in the "
            "file, and ids hold it: replace its documents, or begin with none"
        )

    def _all(self) -> Iterator[TablePlace]:
        for component, catalog in self.current.items():
            for table in catalog.tables:
                yield TablePlace(component, table.name)

    def _displaced(self) -> Iterator[TablePlace]:
        """Tables whose numbers others get."""
        numbers = set(self.renumbered.values())
        for place in self._all():
            if self.current[place.component].table(place.table).number in numbers:
                yield place


def plan_import(source: Source, catalogs: Mapping[str, Catalog]) -> ImportPlan:
    """Compare a file with the tables of the application and its components.

    Raises:
        ImportProblemsError: it has documents of a table that is not here.
        SourceError: the file cannot be read.
    """
    places = source.tables()
    problems = [problem for place in places if (problem := _place_problem(place, catalogs))]
    if problems:
        raise ImportProblemsError("\n".join(problems))
    numbers = {place: n for place, n in source.numbers().items() if place in places}
    if len(set(numbers.values())) < len(numbers):
        raise ImportProblemsError("two tables of the file have the same number")
    wrong = [f"{place}: {number}" for place, number in numbers.items() if not _fits(place, number)]
    if wrong:
        raise ImportProblemsError(f"no tables have such numbers: {', '.join(wrong)}")
    renumbered = {
        place: number
        for place, number in numbers.items()
        if catalogs[place.component].table(place.table).number != number
    }
    if not renumbered:
        return ImportPlan(places, catalogs, catalogs, renumbered)
    planned = {
        component: catalog.renumbered(
            {
                **_out_of_the_way(catalog, set(renumbered.values())),
                **{p.table: n for p, n in renumbered.items() if p.component == component},
            }
        )
        for component, catalog in catalogs.items()
    }
    return ImportPlan(places, catalogs, planned, renumbered)


def _fits(place: TablePlace, number: int) -> bool:
    """Whether a database could have given a table that number."""
    if place.table != STORAGE:
        return FIRST_USER_TABLE_NUMBER <= number <= _LARGEST
    if not place.component:
        return number == STORAGE_TABLE_NUMBER
    kind = list(SYSTEM_TABLE_NUMBERS).index(STORAGE)
    above = number - FIRST_COMPONENT_TABLE_NUMBER - kind
    return 0 <= above < _LARGEST and above % COMPONENT_TABLE_BLOCK == 0


def _out_of_the_way(catalog: Catalog, numbers: set[int]) -> dict[str, int]:
    """No number for tables whose own others get."""
    return {table.name: -table.number for table in catalog.tables if table.number in numbers}


def _place_problem(place: TablePlace, catalogs: Mapping[str, Catalog]) -> str:
    catalog = catalogs.get(place.component)
    if catalog is None:
        known = ", ".join(filter(None, catalogs)) or "none"
        return f"there is no component {place.component!r}; mounted are: {known}"
    table = catalog.find(place.table)
    if place.table != STORAGE and (table is None or table.is_system):
        return f"there is no table {str(place)!r} in the schema"
    return ""


def _named(validator: Validator, place: TablePlace) -> Iterator[TablePlace]:
    """The tables whose ids a validator of a component's table accepts."""
    for member in flatten(required(validator)):
        match member:
            case IdValidator():
                yield TablePlace(place.component, member.table_name)
            case ObjectValidator():
                for field in member.fields.values():
                    yield from _named(field, place)
            case ArrayValidator():
                yield from _named(member.element, place)
            case RecordValidator():
                yield from _named(member.key, place)
                yield from _named(member.value, place)
