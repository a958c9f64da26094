"""Lists, with what newer versions of Python have built in."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

if sys.version_info >= (3, 12):
    from itertools import batched
else:
    from itertools import islice

Item = TypeVar("Item")


def in_batches(items: Iterable[Item], size: int) -> Iterator[tuple[Item, ...]]:
    """Yield the items in tuples of at most ``size``."""
    if sys.version_info >= (3, 12):
        yield from batched(items, size)
    else:
        rest = iter(items)
        while batch := tuple(islice(rest, size)):
            yield batch


def shortened(text: str, length: int = 60) -> str:
    """The beginning of a text, with dots where it was cut."""
    return text if len(text) <= length else f"{text[: length - 1]}…"
