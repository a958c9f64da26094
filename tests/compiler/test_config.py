"""Reading ``[tool.convexity]``."""

from __future__ import annotations

from pathlib import Path

import pytest
from convexity_compiler.config import Config, ConfigError, find_root, load_config


def configured(tmp_path: Path, table: str) -> Config:
    (tmp_path / "pyproject.toml").write_text(f"[tool.convexity]\n{table}")
    return load_config(tmp_path)


def test_defaults_without_a_pyproject(tmp_path: Path) -> None:
    config = load_config(tmp_path)

    assert config.functions == "convex"
    assert config.profile == "guidelines"
    assert config.fail_on == "error"
    assert config.project_name == tmp_path.name
    assert config.functions_path == tmp_path / "convex"


def test_every_setting(tmp_path: Path) -> None:
    config = configured(
        tmp_path,
        """
        functions = "src/backend"
        profile = "recommended"
        select = ["FUN001"]
        ignore = ["filter-on-query"]
        severity = { missing-annotation = "error" }
        per-file-ignores = { "src/backend/old/*" = ["FUN001"] }
        unsuppressible = ["missing-args-validator"]
        access-control-pattern = "^may_"
        fail-on = "warning"
        cache-dir = ".cache/convexity"
        """,
    )

    assert config == Config(
        root=tmp_path,
        functions="src/backend",
        profile="recommended",
        select=("FUN001",),
        ignore=("filter-on-query",),
        severity={"missing-annotation": "error"},
        per_file_ignores={"src/backend/old/*": ("FUN001",)},
        unsuppressible=("missing-args-validator",),
        access_control_pattern="^may_",
        fail_on="warning",
        cache_dir=".cache/convexity",
        project_name=tmp_path.name,
    )


def test_name_and_dependencies_come_from_the_project_table(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "chat"\ndependencies = ["openai>=2"]\n'
    )

    config = load_config(tmp_path)

    assert config.project_name == "chat"
    assert config.dependencies == ("openai>=2",)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            'function = "backend"',
            "unknown key `function` in [tool.convexity]; did you mean `functions`?",
        ),
        ("zzz = 1", "unknown key `zzz` in [tool.convexity]"),
        ('functions = "my-backend"', "`my-backend` cannot be imported as a package"),
        ('functions = "../backend"', "must be a path inside the project"),
        ('functions = "/backend"', "must be a path inside the project"),
        ('functions = ""', "must be a non-empty string"),
        ('profile = "strict"', '`profile` in [tool.convexity] must be one of "guidelines"'),
        ('select = "FUN001"', "must be a list of strings"),
        ("select = [1]", "must be a non-empty string, not 1"),
        ('severity = { FUN001 = "fatal" }', "`severity` in [tool.convexity].FUN001 must be one of"),
        ("severity = 1", "must be a table"),
        ("functions = ", "not valid TOML"),
        ('access-control-pattern = "("', "is no regular expression: missing )"),
    ],
)
def test_mistakes_name_place_and_way_out(tmp_path: Path, table: str, message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        configured(tmp_path, table)

    assert message in str(raised.value)
    assert str(tmp_path / "pyproject.toml") in str(raised.value)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("tool = 5", "`[tool]` must be a table, not 5"),
        ("tool.convexity = []", "`[tool.convexity]` must be a table"),
        ("project = 5", "`[project]` must be a table"),
        ("project.dependencies = 'x'", "`dependencies` in [project] must be a list of strings"),
    ],
)
def test_values_in_place_of_tables(tmp_path: Path, document: str, message: str) -> None:
    (tmp_path / "pyproject.toml").write_text(document)
    with pytest.raises(ConfigError) as raised:
        load_config(find_root(tmp_path))

    assert message in str(raised.value)


def test_root_is_the_nearest_configured_folder(tmp_path: Path) -> None:
    configured(tmp_path, "")
    inner = tmp_path / "packages" / "web"
    inner.mkdir(parents=True)
    (tmp_path / "packages" / "pyproject.toml").write_text("[project]\nname = 'web'\n")

    assert find_root(inner) == tmp_path


def test_root_is_the_folder_with_functions(tmp_path: Path) -> None:
    (tmp_path / "convex").mkdir()
    (tmp_path / "convex" / "schema.py").touch()

    assert find_root(tmp_path / "convex") == tmp_path


def test_a_built_backend_is_no_root(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.convexity]\n")
    for path in ("dist/convex/schema.py", "dist/convexity/backend.py"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).touch()

    assert find_root(tmp_path / "dist") == tmp_path


def test_root_without_any_project_is_where_one_starts(tmp_path: Path) -> None:
    assert find_root(tmp_path) == tmp_path
