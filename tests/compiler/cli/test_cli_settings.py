"""Settings from pyproject.toml and from options: which rules run, and what fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from convexity_compiler import config
from convexity_compiler.rules.fun.bare_registration import BareRegistration

from tests.compiler.cli.cli_support import Run


@pytest.fixture
def warned(project: Path) -> Path:
    """The project with one warning."""
    (project / "convex" / "views.py").write_text(
        "from convexity.values import v\n\n"
        "from ._generated.server import QueryCtx, query\n\n\n"
        '@query(args={"views": v.bigint()}, returns=v.null())\n'
        "async def popular(ctx: QueryCtx, views: int) -> None: ...\n"
    )
    return project


def test_fail_on_stands_above_the_settings(warned: Path, run: Run) -> None:
    assert run("check").exit_code == 0
    assert run("check", "--fail-on", "warning").exit_code == 1

    (warned / "pyproject.toml").write_text('[tool.convexity]\nfail-on = "warning"\n')

    assert run("check").exit_code == 1
    assert run("check", "--fail-on", "error").exit_code == 0


def test_the_profile_stands_above_the_settings(project: Path, run: Run) -> None:
    (project / "convex" / "ping.py").write_text(
        "from ._generated.server import QueryCtx, query\n\n\n"
        "@query(args={})\nasync def ping(ctx: QueryCtx) -> None: ...\n"
    )
    (project / "pyproject.toml").write_text('[tool.convexity]\nprofile = "recommended"\n')

    assert run("check").stdout.startswith("warning: ")
    assert run("check", "--profile", "guidelines").stdout.startswith("error: ")


def test_rules_that_came_later_are_off_in_an_older_edition(
    broken: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "EDITIONS", (*config.EDITIONS, "2999-01"))
    monkeypatch.setattr(BareRegistration, "edition", "2999-01")
    old = config.EDITIONS[0]

    assert run("check", "--edition", "2999-01").exit_code == 1
    assert run("check", "--edition", old).exit_code == 0
    assert run("check", "--edition", old, "--select", "FUN003").exit_code == 1
    (broken / "pyproject.toml").write_text(f'[tool.convexity]\nedition = "{old}"\n')
    assert run("check").exit_code == 0


@pytest.mark.parametrize("name", ["2026-12", "2030-01", "1999-01"])
def test_unknown_editions_name_the_nearest(project: Path, run: Run, name: str) -> None:
    message = f"there is no edition `{name}`; did you mean `{config.EDITIONS[0]}`?"
    assert message in run("check", "--edition", name).stderr

    (project / "pyproject.toml").write_text(f'[tool.convexity]\nedition = "{name}"\n')

    result = run("check")
    assert result.exit_code == 2
    assert f"`edition` in [tool.convexity]: {message}" in result.stderr


def test_config_show_is_what_is_in_force(project: Path, run: Run) -> None:
    (project / "pyproject.toml").write_text(
        '[tool.convexity]\nignore = ["FUN003"]\nseverity = { deprecated-bigint = "error" }\n'
    )

    shown = json.loads(run("config", "show").stdout)

    assert shown["root"] == str(project)
    assert shown["ignore"] == ["FUN003"]
    assert set(config.SETTINGS) < set(shown)
    assert "bare-registration" not in shown["rules"]
    assert shown["rules"]["deprecated-bigint"] == "error"


def test_config_validate(project: Path, run: Run) -> None:
    result = run("config", "validate")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "are valid" in result.stderr

    for line, words in [
        ("selct = []", "did you mean `select`?"),
        ('per-file-ignores = { "a.py" = ["FUN00"] }', "there is no rule `FUN00`"),
        ('severity = { FUN001 = "fatal" }', "must be one of"),
    ]:
        (project / "pyproject.toml").write_text(f"[tool.convexity]\n{line}\n")
        result = run("config", "validate")
        assert (result.exit_code, result.stdout) == (2, "")
        assert words in result.stderr


def test_the_cache_can_be_left_alone_and_removed(project: Path, run: Run) -> None:
    cache = project / ".convexity" / "cache"

    run("check", "--no-cache")
    assert not cache.exists()
    assert run("clean").stderr == "There is no cache.\n"

    run("check")
    assert cache.exists()
    assert run("clean").stderr == ".convexity/cache removed.\n"
    assert not cache.exists()


def test_clean_removes_no_folder_of_others(project: Path, run: Run) -> None:
    (project / "pyproject.toml").write_text('[tool.convexity]\ncache-dir = "convex"\n')

    result = run("clean")

    assert result.exit_code == 2
    assert "is not a cache that convexity made" in result.stderr
    assert (project / "convex" / "schema.py").exists()


def test_mypy_codes_are_rules_in_the_settings(project: Path, run: Run) -> None:
    (project / "pyproject.toml").write_text(
        '[tool.convexity]\nignore = ["mypy:arg-type"]\nunsuppressible = ["mypy:misc"]\n'
        'severity = { "mypy:assignment" = "warning" }\n'
        'per-file-ignores = { "convex/old/*" = ["mypy:attr-defined"] }\n'
    )

    assert run("config", "validate").exit_code == 0


def test_several_rules_by_commas(broken: Path, run: Run) -> None:
    assert run("check", "--ignore", "FUN001, bare-registration").exit_code == 0
    assert run("check", "--select", "FUN001,FUN00").exit_code == 2


def test_generated_files_are_compared_on_demand(project: Path, run: Run) -> None:
    assert run("check").exit_code == 0
    missing = run("check", "--generated", "--output-format", "concise")
    assert missing.exit_code == 1
    assert "`convex/_generated` is missing (stale-generated-code, GEN001)" in missing.stdout

    run("codegen")
    assert run("check", "--generated").stderr == "All checks passed.\n"

    messages = project / "convex" / "messages.py"
    messages.write_text(messages.read_text().replace("def tidy", "def clear"))
    stale = run("check", "--generated", "--output-format", "concise").stdout
    assert "convex/_generated/_api/messages.pyi:" in stale
    assert "(stale-generated-code, GEN001)" in stale


def test_a_family_by_its_prefix(broken: Path, run: Run) -> None:
    assert run("check", "--ignore", "fun").exit_code == 0
    assert run("check", "--ignore", "IDX").exit_code == 1
    for settings in (
        'ignore = ["FUN"]',
        'per-file-ignores = { "convex/p*" = ["FUN"] }',
        'severity = { FUN = "warning" }',
    ):
        (broken / "pyproject.toml").write_text(f"[tool.convexity]\n{settings}\n")
        assert run("check").exit_code == 0

    path = broken / "convex" / "ping.py"
    path.write_text(path.read_text().replace("# no validators", "# convexity: ignore[FUN003] why"))
    (broken / "pyproject.toml").write_text('[tool.convexity]\nunsuppressible = ["FUN"]\n')
    assert run("check").exit_code == 1


def test_comments_name_no_families(broken: Path, run: Run) -> None:
    path = broken / "convex" / "ping.py"
    path.write_text(path.read_text().replace("# no validators", "# convexity: ignore[FUN] why"))

    result = run("check")

    assert result.exit_code == 1
    assert "there is no rule `FUN`" in result.stdout
