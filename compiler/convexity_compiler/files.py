"""Writing files whole."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

_DESCRIPTORS: Final = Path("/proc")
"""Links in here lead to what a process has open (proc_pid_fd(5))."""


def replace_file(path: Path, text: str) -> None:
    """Write a file so that others see either the old text or the new; its mode stays.

    Missing folders are made. Links stay, and what they lead to is replaced. What is no regular
    file, such as a device or a pipe, is written to as it is, and so is what a process has open,
    such as ``/dev/stdout``. Raises OSError.
    """
    if path.exists() and (not path.is_file() or _is_descriptor(path)):
        with path.open("a", encoding="utf-8", newline="") as file:
            file.write(text)
        return
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(text.encode())
        if target.exists():
            shutil.copymode(target, temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _is_descriptor(path: Path) -> bool:
    """Whether a path leads to an open file over a link, or several as ``/dev/stdout`` does."""
    while path.is_symlink():
        if path.parent.resolve().is_relative_to(_DESCRIPTORS):
            return True
        path = path.parent / os.readlink(path)
    return False
