"""``convexity init`` from the outside."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.compiler.cli.cli_support import Run


def test_a_new_project_passes_the_check(tmp_path: Path, run: Run) -> None:
    root = tmp_path / "todo"

    result = run("init", str(root))

    assert result.exit_code == 0
    assert (root / "convex" / "__init__.py").is_file()
    pyproject = tomllib.loads((root / "pyproject.toml").read_text())
    assert pyproject["project"]["name"] == "todo"
    assert pyproject["tool"]["convexity"] == {"functions": "convex"}
    assert ".convexity/" in (root / ".gitignore").read_text().splitlines()
    assert run("check", "--project", str(root)).stderr == "All checks passed.\n"


def test_another_functions_folder(tmp_path: Path, run: Run) -> None:
    run("init", str(tmp_path), "--functions", "src/backend")

    assert (tmp_path / "src" / "__init__.py").is_file()
    assert (tmp_path / "src" / "backend" / "schema.py").is_file()
    assert run("check", "--project", str(tmp_path)).exit_code == 0


def test_a_functions_folder_that_would_hide_another_module(tmp_path: Path, run: Run) -> None:
    result = run("init", str(tmp_path), "--functions", "src/json")

    assert result.exit_code == 2
    assert "`json` would hide a module" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("folder", "name"), [("My Shop 2!", "My-Shop-2"), ("--", "app"), ("shop.api_2", "shop.api_2")]
)
def test_the_name_is_one_of_a_distribution(
    tmp_path: Path, run: Run, folder: str, name: str
) -> None:
    run("init", "--", str(tmp_path / folder))

    pyproject = tomllib.loads((tmp_path / folder / "pyproject.toml").read_text())
    assert pyproject["project"]["name"] == name


def test_what_is_there_is_kept(tmp_path: Path, run: Run) -> None:
    (tmp_path / "pyproject.toml").write_text('# mine\n[project]\nname = "shop"')
    (tmp_path / ".gitignore").write_text("dist/")
    (tmp_path / "convex").mkdir()
    (tmp_path / "convex" / "schema.py").write_text("# mine\n")

    result = run("init", str(tmp_path))

    assert result.exit_code == 0
    assert (tmp_path / "convex" / "schema.py").read_text() == "# mine\n"
    assert not (tmp_path / "convex" / "tasks.py").exists()
    pyproject = (tmp_path / "pyproject.toml").read_text()
    assert (
        pyproject == '# mine\n[project]\nname = "shop"\n\n[tool.convexity]\nfunctions = "convex"\n'
    )
    ignored = (tmp_path / ".gitignore").read_text().splitlines()
    assert ignored[:2] == ["dist/", ".convexity/"]
    assert ignored.count("dist/") == 1
    assert {".env.local", ".venv/", "node_modules/", ".mypy_cache/"} <= set(ignored)


def test_a_second_init_changes_nothing(tmp_path: Path, run: Run) -> None:
    run("init", str(tmp_path))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    result = run("init", str(tmp_path))

    assert result.exit_code == 0
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert "created" not in result.stderr


@pytest.mark.parametrize("name", ["my-backend", "", "a//b", "../up", "class"])
def test_folders_that_are_no_packages(tmp_path: Path, run: Run, name: str) -> None:
    result = run("init", str(tmp_path), "--functions", name)

    assert result.exit_code == 2
    assert "cannot be imported as a package" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_broken_pyproject_is_not_touched(tmp_path: Path, run: Run) -> None:
    (tmp_path / "pyproject.toml").write_text("[project\n")

    result = run("init", str(tmp_path))

    assert result.exit_code == 2
    assert "not valid TOML" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["pyproject.toml"]
