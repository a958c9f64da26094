"""The source lines a report quotes, read when first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from convexity_compiler.span import Span


class Sources:
    """Source files by path relative to the project root."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lines: dict[str, list[str]] = {}

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

    def _read(self, path: str) -> list[str]:
        if path not in self._lines:
            try:
                text = (self._root / path).read_text(encoding="utf-8-sig", errors="replace")
            except OSError:
                text = ""
            # Not splitlines(): form feeds and U+2028 end no line of a Python file.
            self._lines[path] = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return self._lines[path]
