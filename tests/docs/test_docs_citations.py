"""What docstrings and the pages of rules cite is there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.markdown_pages import DOCS, ROOT, anchors, links

SOURCES = ("compiler", "runtime_stub", "codegen_templates", "tests")
SUFFIXES = frozenset({".py", ".sql", ".jinja"})
PAGES = {"wire-protocol": "wire-protocol.md", "language.md": "language.md"}
RULE_PAGES = sorted((DOCS / "rules").glob("*.md"))

_MENTION = re.compile(r"(?<![/\w-])(?:wire-protocol|language\.md)")
_CITATION = re.compile(
    r"(?<![/\w-])(?P<page>wire-protocol|language\.md)(?:``)?(?: sections?)? "
    r"(?P<sections>\d+(?:\.\d+)?(?:(?:,| and| to) \d+(?:\.\d+)?)*)"
)
_NUMBERED_HEADING = re.compile(r"^#{2,3} (\d+(?:\.\d+)?)\.? ", re.MULTILINE)


def files_below(folder: Path) -> Iterator[Path]:
    """All files but those of npm packages, of which there are many."""
    for parent, folders, names in os.walk(folder):
        folders[:] = set(folders) - {"node_modules"}
        yield from (Path(parent, name) for name in names)


def texts() -> dict[str, str]:
    """The sources that cite a page, by path, without the line breaks of comments."""
    found = {}
    for path in sorted(path for folder in SOURCES for path in files_below(ROOT / folder)):
        if path.suffix in SUFFIXES and path != Path(__file__):
            text = path.read_text(encoding="utf-8")
            if _MENTION.search(text):
                found[path.relative_to(ROOT).as_posix()] = re.sub(r"\s+(?:# )?", " ", text)
    return found


TEXTS = texts()


@pytest.fixture(scope="module")
def sections() -> dict[str, set[str]]:
    """The numbers of the headings of each cited page."""
    return {
        name: set(_NUMBERED_HEADING.findall((DOCS / "reference" / page).read_text("utf-8")))
        for name, page in PAGES.items()
    }


@pytest.mark.parametrize("path", TEXTS)
def test_citations_name_sections_that_exist(path: str, sections: dict[str, set[str]]) -> None:
    citations = list(_CITATION.finditer(TEXTS[path]))
    missing = [
        f"{citation['page']} {number}"
        for citation in citations
        for number in re.findall(r"\d+(?:\.\d+)?", citation["sections"])
        if number not in sections[citation["page"]]
    ]

    assert missing == []
    assert len(citations) == len(_MENTION.findall(TEXTS[path])), "a citation without a section"


def test_the_sources_do_cite_the_pages() -> None:
    cited = {match["page"] for text in TEXTS.values() for match in _CITATION.finditer(text)}

    assert cited == set(PAGES)


@pytest.mark.parametrize("page", RULE_PAGES, ids=lambda page: page.stem)
def test_rule_pages_cite_the_language_by_a_link(page: Path) -> None:
    assert not re.search(r"(?<!\[)The language, ", page.read_text("utf-8"))


@pytest.mark.parametrize("page", RULE_PAGES, ids=lambda page: page.stem)
def test_links_of_rule_pages_resolve(page: Path) -> None:
    broken = []
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve()
        if not link.startswith("https://") and (
            not target.is_file() or (anchor and anchor not in anchors(target))
        ):
            broken.append(link)

    assert broken == []
