"""``python -m convexity_compiler``, and the command ``convexity``."""

from __future__ import annotations

import os
import sys

from convexity_compiler.cli import main


def run() -> None:
    """Run the command line, and end the process without taking its data apart.

    Freeing the objects of a large project one by one takes longer than checking what changed.
    """
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
