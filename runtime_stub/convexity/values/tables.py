"""Static types of tables and ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

# Invariant: were it covariant, mypy would join two ids (in a dict of both, say) through the
# documents of their tables, whose `_id` it would join again, without end.
D = TypeVar("D")
D_co = TypeVar("D_co", covariant=True)


class Table(Generic[D]):
    """Base of the table markers that stand for a table in annotations; ``D`` is its document type.

    A marker says at run time which table it means: ``class Channels(Table[ChannelsDoc])`` has
    ``__table_name__ = "channels"``. A validator derived from ``Id[Channels]`` reads it.
    """

    __table_name__: ClassVar[str]

    if TYPE_CHECKING:

        def __document__(self) -> D:
            """What a document of the table is; see :class:`DocumentId`."""
            raise NotImplementedError


T_co = TypeVar("T_co", covariant=True, bound=Table[Any])


class Id(str, Generic[T_co]):
    """Id of a document of table ``T``; for type checkers only, every id is a plain ``str``."""

    __slots__ = ()

    if TYPE_CHECKING:

        def __table__(self) -> T_co:
            """Of which table it is; see :class:`DocumentId`."""
            raise NotImplementedError


class _TableOf(Protocol[D_co]):
    """A table whose documents are ``D``, or more special ones."""

    def __document__(self) -> D_co: ...


class DocumentId(Protocol[D_co]):
    """Id of a document ``D``, as a parameter of what returns the document.

    For type checkers only. Within ``asyncio.gather`` mypy takes ``D | None`` for ``D``, which fits
    here and not into the invariant ``Id[Table[D]]``.
    """

    def __table__(self) -> _TableOf[D_co]: ...
