"""A text on stdin that stands for a file of the project, as editors pass it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from convexity_compiler.cli.errors import CommandError
from convexity_compiler.summary.model import Problem
from convexity_compiler.summary.source import decode_source

if TYPE_CHECKING:
    from convexity_compiler.config import Config


def read_stdin(name: str, config: Config) -> tuple[str, str]:
    """Return the path of the file, relative to the root of the project, and the text on stdin.

    Raises CommandError when it is no Python file or lies outside of the project, or the text cannot
    be decoded.
    """
    path = Path(name).resolve()
    if path.suffix != ".py" or path.is_dir():
        raise CommandError(
            f"--stdin-filename {name!r} is no Python file",
            help_text="give --stdin-filename the path of the .py file that the text is meant for",
        )
    if not path.is_relative_to(config.root):
        raise CommandError(
            f"{name} is not in the project {config.root}",
            help_text="give --stdin-filename the path that the text is meant for",
        )
    text = decode_source(sys.stdin.buffer.read())
    if isinstance(text, Problem):
        raise CommandError(f"stdin: {text.message}")
    return path.relative_to(config.root).as_posix(), text
