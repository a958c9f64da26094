"""The texts of a project's modules, from disk or from an editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.memo import cached_property
from convexity_compiler.span import Span
from convexity_compiler.summary.digests import source_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from convexity_compiler.discover import ModuleFile
    from convexity_compiler.summary.model import Problem


class Source:
    """The content of one module."""

    def __init__(
        self, file: ModuleFile, content: bytes, *, problem: str = "", unsaved: str | None = None
    ) -> None:
        """Take the bytes of a file, or what is wrong with it, or a text that stands for it."""
        self.file = file
        self._content = content
        self._problem = problem
        self._unsaved = unsaved

    @cached_property
    def digest(self) -> str:
        """Hash of the content, which identifies the summary."""
        if self._problem:
            return f"unreadable: {self._problem}"
        if self._unsaved is not None and not self._content.isascii() and self._is_encoded_otherwise:
            return source_digest(b"unsaved: " + self._content)
        return source_digest(self._content)

    @cached_property
    def text(self) -> str | Problem:
        """The decoded text, with line ends as ``\\n``; or why there is none."""
        from convexity_compiler.summary.model import Problem
        from convexity_compiler.summary.source import decode_source, normalise_text

        if self._problem:
            return Problem(Span(1, 1, 1, 1), "unreadable", self._problem)
        if self._unsaved is not None:
            return normalise_text(self._unsaved)
        return decode_source(self._content)

    def mentions(self, mark: str) -> bool:
        """Whether the text has some ASCII characters in it."""
        return mark.encode("ascii") in self._content

    @property
    def size(self) -> int:
        """Length in bytes."""
        return len(self._content)

    @property
    def _is_encoded_otherwise(self) -> bool:
        """Whether the bytes would be another text if they stood in a file: they have a cookie."""
        from convexity_compiler.summary.source import decode_source

        return decode_source(self._content) != self.text


def read_sources(files: Iterable[ModuleFile], unsaved: Mapping[str, str]) -> list[Source]:
    """Read the modules; ``unsaved`` has texts that stand for those on disk, by ``file.path``."""
    return [
        _unsaved(file, unsaved[file.path]) if file.path in unsaved else _saved(file)
        for file in files
    ]


def _saved(file: ModuleFile) -> Source:
    try:
        with open(file.file, "rb") as opened:
            return Source(file, opened.read())
    except OSError as error:
        return Source(file, b"", problem=error.strerror or str(error))


def _unsaved(file: ModuleFile, text: str) -> Source:
    content = text.encode("utf-8", errors="replace")
    return Source(file, content, unsaved=content.decode("utf-8"))
