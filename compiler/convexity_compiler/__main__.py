"""``python -m convexity_compiler``, and the command ``convexity``."""

from __future__ import annotations

import gc
import os
import sys
from typing import Final

from convexity_compiler.cli import main

_LASTING: Final = frozenset({"dev", "lsp"})
"""Commands that run until they are stopped."""


def run() -> None:
    """Run the command line, and end the process without taking its data apart.

    Freeing the objects of a large project one by one takes longer than checking what changed, and
    so does looking for cycles among them.
    """
    if not _LASTING.intersection(sys.argv[1:2]):
        gc.disable()
    try:
        main()
    except SystemExit as error:
        if not isinstance(error.code, int):
            raise
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except OSError:
            raise error from None
        os._exit(error.code)


if __name__ == "__main__":
    run()
