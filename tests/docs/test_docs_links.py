"""Links between pages lead somewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.markdown_pages import DOCS, ROOT, anchors, links, pages

LINKING = [*pages(), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]


@pytest.mark.parametrize("page", LINKING, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_resolve(page: Path) -> None:
    broken = []
    for link in links(page):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)

    assert broken == []


def test_every_page_can_be_reached_from_the_index() -> None:
    reached = set()
    waiting = [DOCS / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        for link in links(page):
            target = (page.parent / link.partition("#")[0]).resolve()
            if target.suffix == ".md" and target.is_relative_to(DOCS) and target.exists():
                waiting.append(target)

    assert [page for page in pages() if page not in reached] == []


@pytest.mark.parametrize("index", [ROOT / "README.md", DOCS / "README.md"], ids=["root", "docs"])
def test_every_guide_is_in_the_index(index: Path) -> None:
    named = {(index.parent / link).resolve() for link in links(index)}

    assert set((DOCS / "guides").glob("*.md")) - named == set()
