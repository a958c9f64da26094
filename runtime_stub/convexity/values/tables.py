"""Static types of tables and ids."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, TypeVar

# Invariant: were it covariant, mypy would join two ids (in a dict of both, say) through the
# documents of their tables, whose `_id` it would join again, without end.
D = TypeVar("D")


class Table(Generic[D]):
    """Base of the table markers that stand for a table in annotations; ``D`` is its document type.

    A marker says at run time which table it means: ``class Channels(Table[ChannelsDoc])`` has
    ``__table_name__ = "channels"``. A validator derived from ``Id[Channels]`` reads it.
    """

    __table_name__: ClassVar[str]


T_co = TypeVar("T_co", covariant=True, bound=Table[Any])


class Id(str, Generic[T_co]):
    """Id of a document of table ``T``; for type checkers only, every id is a plain ``str``."""

    __slots__ = ()
