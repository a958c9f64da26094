"""What an editor has not saved stands for what is on disk."""

from pathlib import Path

import pytest
from convexity_compiler.config import load_config
from convexity_compiler.session import CheckSession

MODULE = """\
from convexity.values import v

from ._generated.server import QueryCtx, query


@query(args={}, returns=v.array(v.any()))
async def listed(ctx: QueryCtx) -> list[object]:
    return list(await ctx.db.query("TABLE").take(10))
"""
SCHEMA = """\
from convexity.server import define_schema, define_table
from convexity.values import v

schema = define_schema(rows=define_table(name=v.string()))
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "convex"
    folder.mkdir()
    (folder / "schema.py").write_text(SCHEMA, encoding="utf-8")
    (folder / "rows.py").write_text(MODULE.replace("TABLE", "rows"), encoding="utf-8")
    return tmp_path


def found(session: CheckSession, overlays: dict[str, str]) -> set[tuple[str, str]]:
    return {(entry.path, entry.rule) for entry in session.check(overlays).findings}


def test_unsaved_text_stands_for_the_file(root: Path) -> None:
    session = CheckSession(root, load_config(root))
    assert found(session, {}) == set()
    wrong = {"convex/rows.py": MODULE.replace("TABLE", "wors")}
    assert ("convex/rows.py", "unknown-table") in found(session, wrong)
    assert found(session, {}) == set()


def test_unsaved_schema_changes_what_is_found_elsewhere(root: Path) -> None:
    session = CheckSession(root, load_config(root))
    renamed = {"convex/schema.py": SCHEMA.replace("rows=", "lines=")}
    assert ("convex/rows.py", "unknown-table") in found(session, renamed)


def test_file_that_is_not_on_disk_yet_is_checked(root: Path) -> None:
    session = CheckSession(root, load_config(root))
    wrong = {"convex/new.py": MODULE.replace("TABLE", "none")}
    result = session.check(wrong)
    assert {(entry.path, entry.rule) for entry in result.findings} == {
        ("convex/new.py", "unknown-table")
    }
    assert "new:listed" in result.project.by_path


@pytest.mark.parametrize(
    "path", ["other/new.py", "convex/_generated/new.py", "convex/.hidden/a.py", "convex/a.txt"]
)
def test_files_that_are_no_modules_do_not_count(root: Path, path: str) -> None:
    result = CheckSession(root, load_config(root)).check({path: "def ("})
    assert not result.findings


def test_unsaved_text_is_not_decoded_again(root: Path) -> None:
    text = "# -*- coding: latin-1 -*-\nNAME = 'é'\n"
    (root / "convex" / "names.py").write_bytes(text.encode("latin-1"))
    session = CheckSession(root, load_config(root))
    saved = session.check().project.modules["names"]
    unsaved = session.check({"convex/names.py": text}).project.modules["names"]
    assert saved.text == unsaved.text == text
