"""Names in generated modules."""

from __future__ import annotations

import builtins
import keyword
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class NameScope:
    """Hands out names that clash neither with each other nor with what the module uses."""

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self._taken = {*reserved, *keyword.kwlist, *dir(builtins)}

    def claim(self, wanted: str) -> str:
        """Take ``wanted``, with a number behind it where it is taken already."""
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted}{number}"
        self._taken.add(name)
        return name


def is_plain_name(name: str) -> bool:
    """Tell whether ``name`` can be a keyword argument."""
    return name.isascii() and name.isidentifier() and not keyword.iskeyword(name)
