"""The garbage collector, out of the way of work that only adds to what is alive."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def collector_paused() -> Iterator[None]:
    """Collect nothing for the time being; also a decorator.

    A linked project is some hundred thousand objects without cycles: looking for cycles among them
    again and again takes a quarter of the time of a check and frees nothing.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
