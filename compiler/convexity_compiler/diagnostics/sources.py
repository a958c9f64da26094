"""The source lines a report quotes, read when first asked for."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convexity_compiler.span import Span

_DEFINITION = re.compile(r"(?:async +def|def|class) +(?P<name>\w+)")
_NO_STATEMENT: Final = ("#", ")", "]", "}")
"""How lines begin that end a statement, or are none."""
_CHECKOUTS: Final = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
"""Variables in which GitHub and GitLab give the folder of the repository."""


class Sources:
    """Source files by path relative to the project root."""

    def __init__(self, root: Path, texts: Mapping[str, str] | None = None) -> None:
        """Read below ``root``, but for ``texts``: what stands for files by their paths."""
        self._root = root
        self._lines = {path: _split(text) for path, text in (texts or {}).items()}

    def text(self, path: str) -> str:
        """Return the text of a file; undecodable bytes and a missing file never fail a report."""
        return "\n".join(self._read(path))

    def line(self, path: str, number: int) -> str:
        """Return line ``number``, counted from 1, without its end; "" beyond the file."""
        lines = self._read(path)
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def snippet(self, path: str, span: Span) -> str:
        """Return the text of ``span`` with runs of white space collapsed."""
        last = min(span.end_line, len(self._read(path)))
        lines = [self.line(path, number) for number in range(span.line, last + 1)]
        if not lines:
            return ""
        if span.end_line == last:
            lines[-1] = lines[-1][: span.end_column - 1]
        lines[0] = lines[0][span.column - 1 :]
        return " ".join(" ".join(lines).split())

    def scope(self, path: str, line: int) -> str:
        """Return the names of the functions and classes around a line, joined by dots.

        They are told by their indentation: good enough to tell places apart, and it works in files
        that cannot be parsed.
        """
        lines = self._read(path)
        here = self.line(path, line)
        indentation = len(here) - len(here.lstrip())
        names: list[str] = []
        for before in reversed(lines[: max(line - 1, 0)]):
            code = before.lstrip()
            outside = len(before) - len(code) < indentation
            if outside and code and not code.startswith(_NO_STATEMENT):
                indentation = len(before) - len(code)
                match = _DEFINITION.match(code)
                if match is not None:
                    names.append(match["name"])
            if indentation == 0:
                break
        return ".".join(reversed(names))

    def in_repository(self, path: str) -> str:
        """Return a path as the pages of GitHub and GitLab know it: relative to the repository.

        Outside of their jobs that is the project.
        """
        for variable in _CHECKOUTS:
            checkout = os.environ.get(variable)
            if checkout and self._root.is_relative_to(Path(checkout).resolve()):
                return (self._root / path).relative_to(Path(checkout).resolve()).as_posix()
        return path

    def _read(self, path: str) -> list[str]:
        if path not in self._lines:
            try:
                text = (self._root / path).read_text(encoding="utf-8-sig", errors="replace")
            except OSError:
                text = ""
            self._lines[path] = _split(text)
        return self._lines[path]


def _split(text: str) -> list[str]:
    # Not splitlines(): form feeds and U+2028 end no line of a Python file.
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
