"""Whoever follows a page gets what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from convexity_compiler.cli import main

from tests.docs.markdown_pages import DOCS, ROOT, blocks, pages
from tests.docs.page_run import NODE_MODULES, PageRun, copy_of_init

RUNNABLE = ("sh", "python", "js", "ts")
PAGES = [ROOT / "README.md", *pages()]
PAGES_WITH_EXAMPLES = [
    page for page in PAGES if any(block.language in RUNNABLE for block in blocks(page))
]


def uses_npm(page: Path) -> bool:
    """Whether following a page takes npm packages."""
    return any(
        re.search("^npm install", block.text, re.MULTILINE)
        for block in blocks(page)
        if block.language == "sh"
    )


@pytest.mark.parametrize("page", PAGES_WITH_EXAMPLES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_can_be_followed(page: Path, tmp_path: Path) -> None:
    if uses_npm(page) and not NODE_MODULES.exists():
        pytest.skip("no npm packages: run `make tests/clients/node_modules`")
    run = PageRun(tmp_path)
    with run.server_stopped_at_the_end():
        run.follow(page)
    if (run.root / "convex").is_dir():
        for command in ("codegen", "check"):
            outcome = CliRunner().invoke(main, [command, "--project", str(run.root)])
            assert outcome.exit_code == 0, outcome.output
        assert outcome.output == "All checks passed.\n"
        assert "Success" in run.shell(
            f"cd '{run.root}'\n"
            "python -m ruff check --isolated --quiet --select F,UP convex\n"
            "mypy --strict convex"
        )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_python_block_is_a_file(page: Path) -> None:
    loose = [block.line for block in blocks(page) if block.language == "python" and not block.file]

    assert loose == []


def test_start_shows_the_files_of_init(tmp_path: Path) -> None:
    created = copy_of_init(tmp_path / "tasks")
    shown = {
        block.file: block.content
        for block in blocks(DOCS / "start.md")
        if block.language == "python" and block.file in created
    }

    assert shown == {path: created[path] for path in ("convex/schema.py", "convex/tasks.py")}
