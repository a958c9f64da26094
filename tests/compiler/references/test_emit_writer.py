"""Writing generated files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from convexity_compiler.emit.differences import report, unified_diff
from convexity_compiler.emit.header import with_header
from convexity_compiler.emit.writer import WriteError, apply, plan

LONG_AGO = 1_000_000_000


def text(body: str, comment: str = "#") -> str:
    return with_header(body, source="convex/a.py", comment=comment)


FILES = {"convex/_generated/_api/a.pyi": text("a\n"), "convex/_generated/api.pyi": text("api\n")}


def states(root: Path, files: dict[str, str]) -> dict[str, str]:
    return {change.path: change.state for change in plan(root, files).files}


def test_missing_files_are_written_in_order_and_then_unchanged(tmp_path: Path) -> None:
    planned = plan(tmp_path, FILES)
    assert [change.path for change in planned.changes] == list(FILES)
    assert {change.state for change in planned.files} == {"missing"}
    assert list(tmp_path.iterdir()) == []
    apply(planned)
    assert plan(tmp_path, FILES).is_current
    assert {path: (tmp_path / path).read_text() for path in FILES} == FILES


def test_only_what_changed_is_touched(tmp_path: Path) -> None:
    apply(plan(tmp_path, FILES))
    for path in FILES:
        os.utime(tmp_path / path, (LONG_AGO, LONG_AGO))
    api = "convex/_generated/api.pyi"
    apply(plan(tmp_path, {**FILES, api: text("changed\n")}))
    times = {path: (tmp_path / path).stat().st_mtime == LONG_AGO for path in FILES}
    assert times == {"convex/_generated/_api/a.pyi": True, api: False}
    assert sorted(path.name for path in (tmp_path / api).parent.iterdir()) == ["_api", "api.pyi"]


@pytest.mark.parametrize("comment", ["#", "//"])
def test_an_edited_file_is_told_from_a_stale_one(tmp_path: Path, comment: str) -> None:
    files = {"g/stale.ts": text("new\n", comment), "g/edited.ts": text("new\n", comment)}
    (tmp_path / "g").mkdir()
    (tmp_path / "g/stale.ts").write_text(text("old\n", comment))
    (tmp_path / "g/edited.ts").write_text(text("old\n", comment) + "mine\n")
    assert states(tmp_path, files) == {"g/stale.ts": "stale", "g/edited.ts": "hand-edited"}


def test_line_ends_do_not_count(tmp_path: Path) -> None:
    apply(plan(tmp_path, FILES))
    for path in FILES:
        (tmp_path / path).write_bytes(FILES[path].replace("\n", "\r\n").encode())
    assert plan(tmp_path, FILES).is_current


def test_orphans_go_last_and_only_if_they_carry_the_header(tmp_path: Path) -> None:
    gone = "convex/_generated/_api/old/b.pyi"
    apply(plan(tmp_path, {**FILES, gone: text("b\n")}))
    mine = tmp_path / "convex/_generated/notes.md"
    mine.write_text("mine")
    outside = tmp_path / "convex/mine.py"
    outside.write_text(text("not below a generated folder\n"))
    planned = plan(tmp_path, {**FILES, "convex/_generated/new.pyi": text("new\n")})
    assert [(change.path, change.state) for change in planned.changes] == [
        ("convex/_generated/new.pyi", "missing"),
        (gone, "orphan"),
    ]
    apply(planned)
    assert not (tmp_path / gone).parent.exists()
    assert mine.exists()
    assert outside.exists()


def test_seeds_are_written_once_and_left_alone(tmp_path: Path) -> None:
    seeds = {"convex/__init__.py": ""}
    apply(plan(tmp_path, FILES, seeds=seeds))
    marker = tmp_path / "convex/__init__.py"
    assert marker.read_text() == ""
    marker.write_text("# mine\n")
    assert plan(tmp_path, FILES, seeds=seeds).is_current


def test_the_report_names_every_file_and_its_first_difference(tmp_path: Path) -> None:
    lines = [f"line {number}\n" for number in range(30)]
    (tmp_path / "g").mkdir()
    (tmp_path / "g/stale.py").write_text(text("".join(lines)))
    (tmp_path / "g/orphan.py").write_text(text("x\n"))
    changed = [*lines[:10], "first\n", *lines[11:-1], "last\n"]
    planned = plan(tmp_path, {"g/stale.py": text("".join(changed)), "g/new.py": text("\n")})
    shown = report(planned)
    assert "stale: g/stale.py\n" in shown
    assert "missing: g/new.py\n" in shown
    assert "orphan: g/orphan.py\n" in shown
    assert "  +first\n" in shown
    assert "  +last\n" not in shown
    assert "Digest" not in shown
    patch = unified_diff(planned)
    assert "--- a/g/stale.py\n+++ b/g/stale.py\n" in patch
    assert "+last\n" in patch
    assert "--- /dev/null\n+++ b/g/new.py\n" in patch
    assert "--- a/g/orphan.py\n+++ /dev/null\n" in patch


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "g").write_text("a file where a folder should be")
    with pytest.raises(WriteError, match=f"{tmp_path}/g/x.py: Not a directory"):
        apply(plan(tmp_path, {"g/x.py": text("x\n")}))


def test_a_folder_in_place_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.py").mkdir()
    with pytest.raises(WriteError, match=r"cannot read .*x\.py: Is a directory"):
        plan(tmp_path, {"x.py": text("x\n")})
