"""The texts of a project's modules, from disk or from an editor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from convexity_compiler.span import Span
from convexity_compiler.summary.model import Problem
from convexity_compiler.summary.source import decode_source, normalise_text
from convexity_compiler.summary.summarise import source_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from convexity_compiler.discover import ModuleFile


@dataclass(frozen=True, slots=True)
class Source:
    """The content of one module."""

    file: ModuleFile
    digest: str
    """Hash of the content; empty when it could not be read."""
    text: str | Problem
    """Decoded, with line ends as ``\\n``; or why there is no text."""


def read_sources(files: Iterable[ModuleFile], unsaved: Mapping[str, str]) -> list[Source]:
    """Read the modules; ``unsaved`` has texts that stand for those on disk, by ``file.path``."""
    return [
        _unsaved(file, unsaved[file.path]) if file.path in unsaved else _saved(file)
        for file in files
    ]


def _saved(file: ModuleFile) -> Source:
    try:
        with open(file.file, "rb") as opened:
            content = opened.read()
    except OSError as error:
        problem = Problem(Span(1, 1, 1, 1), "unreadable", error.strerror or str(error))
        return Source(file, "", problem)
    return Source(file, source_digest(content), decode_source(content))


def _unsaved(file: ModuleFile, text: str) -> Source:
    content = text.encode("utf-8", errors="replace")
    digest = source_digest(content)
    if decode_source(content) != (decoded := normalise_text(content.decode("utf-8"))):
        # An encoding cookie: the same bytes on disk would be another text.
        digest = source_digest(b"unsaved:" + content)
    return Source(file, digest, decoded)
