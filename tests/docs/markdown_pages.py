"""The pages below ``docs/``: their code blocks and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

_FENCE = re.compile(
    r"^(?P<mark>`{3,})(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=mark)$", re.MULTILINE | re.DOTALL
)
_FILE = re.compile(r"^(?:#|//) (?P<path>[\w./-]+\.\w+)(?P<more> \(continued\))?$")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced code block; ``info`` is what follows the language on its first line."""

    line: int
    language: str
    info: str
    text: str

    @property
    def file(self) -> str | None:
        """The path that the first line names, relative to the project of the page."""
        match = _FILE.match(self.text.partition("\n")[0])
        return match["path"] if match else None

    @property
    def continues(self) -> bool:
        """Whether the block is the next part of a file shown before."""
        match = _FILE.match(self.text.partition("\n")[0])
        return bool(match and match["more"])

    @property
    def content(self) -> str:
        """The text without the line that names the file."""
        return self.text.partition("\n")[2] if self.file else self.text


def pages() -> list[Path]:
    """Every page but those of the rules, which ``tests/rules`` covers."""
    return sorted(page for page in DOCS.rglob("*.md") if page.parent.name != "rules")


def blocks(page: Path) -> Iterator[Block]:
    """The code blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    for match in _FENCE.finditer(text):
        language, _, info = match["info"].strip().partition(" ")
        yield Block(text.count("\n", 0, match.start()) + 1, language, info, match["text"])


def links(page: Path) -> Iterator[str]:
    """The targets of a page's links, outside of code."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    yield from _LINK.findall(re.sub(r"`[^`\n]*`", "", text))


def anchors(page: Path) -> set[str]:
    """The names under which the headings of a page can be linked to."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
        for heading in _HEADING.findall(text)
    }
