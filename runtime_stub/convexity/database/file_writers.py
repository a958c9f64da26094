"""Which processes live, so that bytes of a dead one can be told from those being written."""

from __future__ import annotations

import secrets
from typing import Final, Protocol

NAME_BYTES: Final = 8
"""Length of the name of a process; as text it is hexadecimal."""


class Writers(Protocol):
    """The processes that write files of a database."""

    @property
    def own(self) -> str:
        """Name of this process, which no other has or had."""
        ...

    async def is_alive(self, writer: str, /) -> bool:
        """Whether the process of that name still lives."""
        ...

    async def bury(self) -> None:
        """Remove what dead processes left to be known by."""
        ...

    def close(self) -> None:
        """End like a process that dies."""
        ...


class OnlyWriter:
    """For a database that only this process can open."""

    def __init__(self) -> None:
        """Take a name."""
        self.own = secrets.token_hex(NAME_BYTES)

    async def is_alive(self, writer: str, /) -> bool:
        """Whether it is this process."""
        return writer == self.own

    async def bury(self) -> None:
        """Nobody else ever lived."""

    def close(self) -> None:
        """Nothing to do."""
