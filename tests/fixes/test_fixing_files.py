"""What fixes leave alone: bytes, modes, links, comments, silenced code, and files in trouble."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from convexity_compiler.cli import fixing, main
from convexity_compiler.cli.errors import CommandError
from convexity_compiler.config import load_config

from tests.fixes.fixed_projects import write_files

HEAD = """\
from convexity.values import v

from ._generated.server import MutationCtx, mutation

"""
BODY = """\

@mutation(args={}, returns=v.null())
async def write(ctx: MutationCtx) -> None:
"""
SCHEMA = """\
from convexity.server import define_schema, define_table
from convexity.values import v

schema = define_schema(
    messages=define_table(channel=v.string(), author=v.string()).index(
        "by_channel", ["channel", "author"]
    ),
)
"""
READER = """\
from ._generated.server import QueryCtx


async def helper(ctx: QueryCtx) -> None:
    await ctx.db.query("messages").with_index("by_channel").eq("channel", "a").first()
"""
BARE = f"{HEAD}\n@mutation\nasync def write(ctx: MutationCtx) -> None: ...\n"


def run(root: Path, *arguments: str) -> Result:
    command = ["fix", "--project", str(root), *arguments]
    return CliRunner().invoke(main, command, catch_exceptions=False)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            BODY + "    é日 = 'ß'; ctx.db.delete(é日)\n",
            BODY + "    é日 = 'ß'; await ctx.db.delete(é日)\n",
            id="characters outside ASCII before the edit",
        ),
        pytest.param(
            BODY.replace("async", "\f\nasync") + "\tif ctx:\n\t\tctx.db.delete('\f\x1c')\n",
            BODY.replace("async", "\f\nasync") + "\tif ctx:\n\t\tawait ctx.db.delete('\f\x1c')\n",
            id="tabs, form feeds and separators",
        ),
        pytest.param(
            "\n@mutation(\n    args={},  # none\n)  # done\n"
            "async def write(ctx: MutationCtx) -> None: ...\n",
            "\n@mutation(\n    args={}, returns=v.null(),  # none\n)  # done\n"
            "async def write(ctx: MutationCtx) -> None: ...\n",
            id="a decorator of several lines with a trailing comma",
        ),
        pytest.param(
            BODY + "    value = 1 + \\\n        2; ctx.db \\\n        .delete(value)\n",
            BODY + "    value = 1 + \\\n        2; await ctx.db \\\n        .delete(value)\n",
            id="backslashes at line ends",
        ),
        pytest.param(
            BODY + "    (\n        ctx.db  # the database\n        .delete('x')  # gone\n    )\n",
            BODY
            + "    (\n        await ctx.db  # the database\n        .delete('x')  # gone\n    )\n",
            id="comments within a chain",
        ),
        pytest.param(
            BODY + "    ctx.db.delete('x')",
            BODY + "    await ctx.db.delete('x')",
            id="no end of the last line",
        ),
        pytest.param(
            "\n@mutation(returns=v.bigint())\nasync def f(ctx: MutationCtx) -> int: ...\n",
            "\n@mutation(args={}, returns=v.int64())\nasync def f(ctx: MutationCtx) -> int: ...\n",
            id="two fixes in one statement",
        ),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "BOM"])
def test_all_but_the_edit_stays(
    before: str, after: str, line_end: str, mark: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "convex" / "m.py"
    path.parent.mkdir()
    path.write_bytes(mark + (HEAD + before).replace("\n", line_end).encode())

    fixing.fix_project(load_config(tmp_path), (), unsafe=False).write()

    assert path.read_bytes() == mark + (HEAD + after).replace("\n", line_end).encode()


def test_mode_and_link_stay(tmp_path: Path) -> None:
    shared = write_files(tmp_path, {"shared/m.py": BARE, "p/convex/schema.py": SCHEMA}) / "shared"
    (shared / "m.py").chmod(0o640)
    link = tmp_path / "p" / "convex" / "m.py"
    link.symlink_to(shared / "m.py")

    run(tmp_path / "p")

    assert link.is_symlink()
    assert "@mutation(args={}, returns=v.null())" in (shared / "m.py").read_text()
    assert stat.S_IMODE((shared / "m.py").stat().st_mode) == 0o640


def test_a_fix_of_several_files_is_made_in_all_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_files(tmp_path, {"convex/schema.py": SCHEMA, "convex/m.py": READER})
    replaced: list[str] = []
    genuine = os.replace

    def fail_at_second(source: str | Path, target: str | Path) -> None:
        if Path(target).suffix == ".py":
            replaced.append(str(target))
            if len(replaced) == 2:
                raise PermissionError(13, "Permission denied", str(target))
        genuine(source, target)

    monkeypatch.setattr(os, "replace", fail_at_second)

    result = run(root, "--unsafe-fixes")

    assert result.exit_code == 2
    assert "Permission denied" in result.stderr
    assert {path: (root / path).read_text() for path in ("convex/schema.py", "convex/m.py")} == {
        "convex/schema.py": SCHEMA,
        "convex/m.py": READER,
    }
    assert sorted(path.name for path in (root / "convex").iterdir()) == ["m.py", "schema.py"]


def test_a_file_that_changes_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    root = write_files(tmp_path, {"convex/m.py": BARE, "convex/n.py": BARE})
    outcome = fixing.fix_project(load_config(root), (), unsafe=False)
    (root / "convex" / "n.py").write_text("changed = True\n")

    with pytest.raises(CommandError, match=r"n\.py was changed while it was being fixed"):
        outcome.write()

    assert (root / "convex" / "m.py").read_text() == BARE
    assert (root / "convex" / "n.py").read_text() == "changed = True\n"


def test_silenced_code_is_not_fixed(tmp_path: Path) -> None:
    silenced = BARE.replace(
        "@mutation\n", "@mutation  # convexity: ignore[bare-registration] old\n"
    )
    root = write_files(tmp_path, {"convex/m.py": silenced})

    result = run(root)

    assert result.stderr.startswith("Fixed nothing.\n")
    assert (root / "convex" / "m.py").read_text() == silenced


def test_paths_narrow_what_is_fixed(tmp_path: Path) -> None:
    root = write_files(tmp_path, {"convex/m.py": BARE, "convex/n.py": BARE})

    run(root, str(root / "convex" / "n.py"))

    assert (root / "convex" / "m.py").read_text() == BARE
    assert (root / "convex" / "n.py").read_text() != BARE


def test_a_fix_that_brings_about_another_error_is_refused(tmp_path: Path) -> None:
    text = """\
from convexity.values import v

from ._generated.api import api
from ._generated.server import QueryCtx, query


@query(args={}, returns=v.null())
async def visit(ctx: QueryCtx) -> None:
    await ctx.db.insert("visits", {})


@query(args={}, returns=v.null())
async def look(ctx: QueryCtx) -> None:
    await ctx.run_query(api.m.visit)
"""
    root = write_files(tmp_path, {"convex/m.py": text})

    result = run(root, "--unsafe-fixes")

    assert "Left alone write-in-query at convex/m.py" in result.stderr
    assert "it would bring about kind-mismatch at convex/m.py" in result.stderr


def test_the_report_counts_by_file_and_rule(tmp_path: Path) -> None:
    root = write_files(
        tmp_path, {"convex/m.py": BARE + BARE[len(HEAD) :].replace("write", "again")}
    )

    result = run(root)

    assert result.exit_code == 0
    assert result.stdout == ""
    assert result.stderr == (
        "Fixed 2 findings in 1 file:\n  convex/m.py: bare-registration (2)\nAll checks passed.\n"
    )


def test_what_is_left_decides_the_exit_code(tmp_path: Path) -> None:
    text = f"{BARE}\n\n@mutation\nasync def other(ctx: MutationCtx, x: str) -> None: ...\n"
    root = write_files(tmp_path, {"convex/m.py": text})

    safe = run(root)
    unsafe = run(root, "--unsafe-fixes")

    assert safe.exit_code == 1
    assert safe.stderr.endswith("1 fixable with `--fix --unsafe-fixes`.\n")
    assert unsafe.exit_code == 0
    assert (
        '@mutation(args={"x": v.string()}, returns=v.null())'
        in (root / "convex" / "m.py").read_text()
    )


def test_diff_shows_all_rounds_and_writes_nothing(tmp_path: Path) -> None:
    root = write_files(tmp_path, {"convex/m.py": BARE.removesuffix("\n")})

    shown = run(root, "--diff")
    again = run(root, "--diff")

    assert (shown.exit_code, shown.stdout) == (again.exit_code, again.stdout)
    assert shown.exit_code == 1
    assert "\n-@mutation\n+@mutation(args={}, returns=v.null())\n" in shown.stdout
    assert shown.stdout.endswith("\\ No newline at end of file\n")
    assert shown.stderr == "Would fix 1 finding in 1 file:\n  convex/m.py: bare-registration\n"
    assert (root / "convex" / "m.py").read_text() == BARE.removesuffix("\n")


def test_diff_of_nothing(tmp_path: Path) -> None:
    root = write_files(
        tmp_path, {"convex/schema.py": SCHEMA.replace("by_channel", "by_channel_and_author")}
    )

    result = run(root, "--diff")

    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "Would fix nothing.\n")
