"""What is said when a module of the project cannot be imported."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_RUNTIME: Final = Path(__file__).parent
_GENERATED: Final = ("main.py", "functions.py", "models.py", "tables.py")
"""Files beside the functions folder, which only pass on what its modules raise."""


@contextmanager
def importing(folder: Path) -> Iterator[None]:
    """Import the modules of a backend; exit with a message when one of them raises.

    Args:
        folder: Folder of ``main.py``, which paths in the message start from.

    Raises:
        SystemExit: with status 1, after the message went to standard error.
    """
    try:
        yield
    except Exception as error:
        sys.stderr.write(
            "The backend does not start: its modules cannot be imported.\n"
            f"{describe(error, folder)}\n"
        )
        raise SystemExit(1) from None


def describe(error: Exception, folder: Path) -> str:
    """An error and the places in the project and its libraries that led to it, innermost last."""
    lines = []
    for frame in traceback.extract_tb(error.__traceback__):
        path = Path(frame.filename)
        own = path.relative_to(folder) if path.is_relative_to(folder) else path
        if path.is_relative_to(_RUNTIME) or str(own) in _GENERATED or str(own).startswith("<"):
            continue
        lines.append(f'  File "{own}", line {frame.lineno}, in {frame.name}\n    {frame.line}')
    lines.append("".join(traceback.format_exception_only(error)).rstrip())
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    if missing and not (folder / missing.partition(".")[0]).exists():
        lines.append("Is it installed here? `pip install -r requirements.txt` installs what is.")
    return "\n".join(lines)
