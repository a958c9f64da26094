"""The garbage collector in a process that serves."""

from __future__ import annotations

import gc
from typing import Final

_THRESHOLDS: Final = (2_000, 10, 10)
"""Allocations and collections between two collections, by generation. A commit that concerns a
thousand sockets makes thousands of objects that live until it is told, and with the thresholds of
CPython a third of the time goes into looking through them."""


def spare_collector() -> None:
    """Have it look less often, and not at what was there at the start, which stays."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
