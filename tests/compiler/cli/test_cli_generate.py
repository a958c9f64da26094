"""``convexity codegen``, ``ir`` and ``build`` from the outside."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.compiler.cli.cli_support import Run
from tests.support.backends import FIXTURES, copy_project

UNCALLED = '@query(args={"name": v.string}, returns=v.null())\n'


def generated(project: Path) -> dict[str, tuple[bytes, int]]:
    folder = project / "convex" / "_generated"
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def unsound(project: Path) -> Path:
    path = project / "convex" / "messages.py"
    path.write_text(
        path.read_text() + f"\n\n{UNCALLED}async def greet(ctx: QueryCtx, name: str) -> None: ...\n"
    )
    return project


def test_codegen_writes_once(project: Path, run: Run) -> None:
    written = run("codegen")
    assert written.exit_code == 0
    assert re.fullmatch(r"(\d+) of \1 files written\.\n", written.stderr)
    first = generated(project)
    assert {"api.pyi", "data_model.py", "server.py", "api.d.ts"} <= first.keys()
    assert (project / "convex" / "__init__.py").is_file()

    result = run("codegen")

    assert result.stderr.endswith(" files, all up to date.\n")
    assert generated(project) == first


def _edit(project: Path) -> None:
    path = project / "convex/_generated/api.pyi"
    path.write_text(path.read_text() + "x: int\n")


def _remove(project: Path) -> None:
    (project / "convex/_generated/server.py").unlink()


def _add(project: Path) -> None:
    text = (project / "convex/_generated/_api/messages.pyi").read_text()
    (project / "convex/_generated/_api/gone.pyi").write_text(text)


def _unmark(project: Path) -> None:
    (project / "convex/__init__.py").unlink()


def _damage_cache(project: Path) -> None:
    for path in (project / ".convexity/cache/codegen").iterdir():
        path.write_text(path.read_text().replace("convex", "context"))
    _remove(project)


@pytest.mark.parametrize("spoil", [_edit, _remove, _add, _unmark, _damage_cache])
def test_codegen_mends_what_it_wrote_before(
    project: Path, run: Run, spoil: Callable[[Path], None]
) -> None:
    run("codegen")
    assert run("codegen").stderr.endswith(" all up to date.\n")
    contents = {path: content for path, (content, _) in generated(project).items()}
    spoil(project)

    assert run("codegen", "--check").exit_code == 1
    assert " written." in run("codegen").stderr
    assert {path: content for path, (content, _) in generated(project).items()} == contents
    assert (project / "convex/__init__.py").is_file()
    assert run("codegen", "--check").exit_code == 0


def test_codegen_takes_back_what_it_wrote_for_other_sources(project: Path, run: Run) -> None:
    run("codegen")
    before = {path: content for path, (content, _) in generated(project).items()}
    schema = project / "convex" / "schema.py"
    text = schema.read_text()
    schema.write_text(text.replace("author", "writer"))
    assert " written." in run("codegen").stderr
    schema.write_text(text)

    assert " written." in run("codegen").stderr
    assert {path: content for path, (content, _) in generated(project).items()} == before


def test_codegen_notices_a_changed_component(tmp_path: Path, run: Run) -> None:
    root = copy_project(FIXTURES / "components", tmp_path / "components")
    mount = root / "convex/convex_config.py"
    without = [line for line in mount.read_text().splitlines() if "mailbox" not in line]
    mount.write_text("\n".join(without) + "\n")
    (root / "convex/letters.py").unlink()
    options = ("codegen", "--project", str(root))
    assert run(*options).exit_code == 0
    assert run(*options).stderr.endswith(" all up to date.\n")
    component = root / "convex/counter/lib.py"
    component.write_text(component.read_text().replace("add_and_fail", "add_and_break"))

    assert " written." in run(*options).stderr
    assert "add_and_break" in (root / "convex/counter/_generated/_api/lib.pyi").read_text()


def test_line_ends_of_version_control_are_no_change(project: Path, run: Run) -> None:
    run("codegen")
    path = project / "convex/_generated/api.pyi"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    assert run("codegen").stderr.endswith(" all up to date.\n")


def test_codegen_check_names_what_is_out_of_date(project: Path, run: Run) -> None:
    missing = run("codegen", "--check")
    assert missing.exit_code == 1
    assert "missing: convex/_generated/api.pyi\n" in missing.stdout
    assert generated(project) == {}

    run("codegen")
    assert (run("codegen", "--check").exit_code, run("codegen", "--check").stdout) == (0, "")

    schema = project / "convex" / "schema.py"
    schema.write_text(schema.read_text().replace("author", "writer"))
    (project / "convex" / "messages.py").unlink()
    stale = run("codegen", "--check")
    assert stale.exit_code == 1
    assert "stale: convex/_generated/_tables.pyi\n" in stale.stdout
    assert "+    writer: str\n" in stale.stdout
    assert "orphan: convex/_generated/_api/messages.pyi\n" in stale.stdout


def test_codegen_diff_is_a_patch(project: Path, run: Run) -> None:
    run("codegen")
    schema = project / "convex" / "schema.py"
    schema.write_text(schema.read_text().replace("content=", "body="))
    before = generated(project)

    result = run("codegen", "--diff")

    assert result.exit_code == 1
    assert "--- a/convex/_generated/" in result.stdout
    assert generated(project) == before


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("codegen", "Nothing was written: fix these first.\n"),
        ("build", "Nothing was built: fix these first.\n"),
        ("ir", "1 fixable with `--fix`.\n"),
    ],
)
def test_what_cannot_be_generated_is_shown_first(
    unsound: Path, run: Run, command: str, words: str
) -> None:
    result = run(command)

    assert result.exit_code == 1
    assert result.stdout.startswith("error: `v.string` is a constructor, not a validator")
    assert result.stderr.endswith(words)
    assert generated(unsound) == {}
    assert not (unsound / "dist").exists()


def test_silence_makes_nothing_readable(unsound: Path, run: Run) -> None:
    (unsound / "pyproject.toml").write_text('[tool.convexity]\nignore = ["not-a-validator"]\n')
    assert run("check").exit_code == 0

    assert run("codegen").exit_code == 1


def test_other_findings_do_not_stop_generation(project: Path, run: Run) -> None:
    path = project / "convex" / "messages.py"
    path.write_text(
        path.read_text().replace("author: str, content: str", "author: float, content: str")
    )
    assert run("check").exit_code == 1

    assert run("codegen").exit_code == 0
    built = run("build")
    assert (built.exit_code, built.stdout) == (0, "")
    assert built.stderr.startswith(
        "warning: `convexity check` finds 1 error; what it is about may fail at run time\nBuilt "
    )
    assert run("build", "--no-check").stderr.startswith("Built ")
    run("baseline", "write")
    assert run("build").stderr.startswith("Built ")


def test_ir_is_json(project: Path, run: Run) -> None:
    result = run("ir")

    document = json.loads(result.stdout)
    assert document["name"] == "chat"
    assert [table["name"] for table in document["tables"]] == ["messages"]
    assert [function["path"] for function in document["modules"][0]["functions"]] == [
        "messages:by_author",
        "messages:send",
        "messages:tidy",
    ]


def test_build_writes_a_backend_with_its_references(project: Path, run: Run) -> None:
    result = run("build")

    assert result.exit_code == 0
    assert (project / "dist" / "main.py").is_file()
    assert (project / "dist" / "convex" / "_generated" / "api.py").is_file()


def test_build_wants_what_modules_import(project: Path, run: Run) -> None:
    (project / "convex" / "stray.py").write_text("from ...outside import helper\n")

    result = run("build")

    assert result.exit_code == 1
    assert "unresolved-import" in result.stdout
    assert not (project / "dist").exists()
    assert run("codegen").exit_code == 0


def test_build_elsewhere(project: Path, run: Run) -> None:
    result = run("build", "--out", f"{project}/out/my backend")

    assert result.stderr == "Built out/my backend: run `python 'out/my backend/main.py'`.\n"

    assert (project / "out" / "my backend" / "main.py").is_file()


def test_build_does_not_replace_a_folder_of_yours(project: Path, run: Run) -> None:
    (project / "dist").mkdir()
    (project / "dist" / "notes.txt").write_text("mine")

    result = run("build")

    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")
    assert (project / "dist" / "notes.txt").read_text() == "mine"
