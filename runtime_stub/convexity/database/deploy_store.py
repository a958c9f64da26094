"""What deploying a schema asks of a database: the same steps for every engine."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from convexity.database.catalog import CatalogTable
    from convexity.database.tables import Table

Value: TypeAlias = str | bytes | int | float | None

Fill: TypeAlias = "Callable[[int, Mapping[str, Any]], None]"
"""Stores the entry of the document at a position."""


class DeployStore(Protocol):
    """A connection inside the transaction of a deployment. It may block: it is used in a thread."""

    dialect: str
    """Of the scripts of a schema: ``sqlite`` or ``postgres``."""
    product: str
    """Name of the database in messages."""
    system_script: str
    """Creates the tables of the runtime itself; it may be run again."""

    def execute(self, statement: str, /, *bindings: Value) -> list[Any]:
        """Run a statement with ``?`` for each binding; rows that it finds."""
        ...

    def execute_many(self, statement: str, rows: Sequence[Sequence[Value]], /) -> None:
        """Run a statement with ``?`` for each binding, for each row of bindings."""
        ...

    def run_script(self, script: str, /) -> None:
        """Run statements without bindings."""
        ...

    def is_new(self) -> bool:
        """Whether nothing was ever deployed."""
        ...

    def prepare(self, tables: Iterable[Table], /) -> None:
        """Provide what the scripts of the tables need beside them."""
        ...

    def table_storage(self, table: Table, /) -> list[str]:
        """Statements that create the storage of a system table."""
        ...

    def index_tables(self, storage: str, /) -> list[str]:
        """Names of the tables that there may be for an index, by that of the first."""
        ...

    def documents(self, table: Table, /) -> Iterable[tuple[int, str, str]]:
        """Position, id and text of all documents of a table, in order of positions."""
        ...

    def fills(self, table: CatalogTable, names: Collection[str], /) -> list[Fill]:
        """What fills the indexes of those names, which are empty."""
        ...

    def finish_fills(self) -> None:
        """Store what the fills still keep."""
        ...
