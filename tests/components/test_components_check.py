"""What ``check`` and ``build`` say of components."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.components.projects import components_project, installed_components, packages_of
from tests.support.backends import run_cli


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = components_project(tmp_path / "project")
    run_cli("codegen", folder=root, PYTHONPATH=packages_of(root))
    return root


def findings(project: Path) -> list[str]:
    """The findings of a check, which uses what checks before left in the cache."""
    run = run_cli(
        "check",
        "--output-format",
        "concise",
        folder=project,
        check=False,
        PYTHONPATH=packages_of(project),
    )
    return [line for line in run.stdout.splitlines() if line.startswith("convex/")]


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_components_are_checked_with_the_project(project: Path) -> None:
    assert findings(project) == []
    # A component in the project: its own mistakes, and what they do to those who use it.
    library = project / "convex" / "counter" / "lib.py"
    edit(library, "async def add_and_fail(", "async def add_and_give_up(")
    edit(library, 'with_index("by_name")', 'with_index("by_nam")')
    found = findings(project)
    assert any("components.likes.lib.add_and_fail" in line for line in found)
    assert sum(line.startswith("convex/counter/lib.py") for line in found) == 2
    # A component of a package: what it does to those who use it, and nothing else.
    letters = project / "packages" / "mailbox_component" / "letters.py"
    edit(
        letters, '"handle": v.string()}, returns=v.null()', '"hand": v.string()}, returns=v.null()'
    )
    more = [line for line in findings(project) if line not in found]
    assert more
    assert all(line.startswith("convex/letters.py") for line in more)


def test_a_wheel_has_what_its_users_need(tmp_path: Path) -> None:
    project, packages = installed_components(tmp_path / "project")
    generated = {path.name for path in Path(packages).glob("mailbox_component/_generated/*")}
    assert {"component.py", "component.pyi", "api.py", "data_model.pyi"} <= generated
    assert (Path(packages) / "mailbox_component" / "py.typed").exists()
    for command in ("codegen", "check"):
        run = run_cli(command, folder=project, check=False, PYTHONPATH=packages)
        assert run.returncode == 0, run.stdout + run.stderr


def test_a_component_that_cannot_be_found_is_named(project: Path) -> None:
    run = run_cli("build", folder=project, check=False)
    assert run.returncode != 0
    assert "mailbox_component" in run.stdout + run.stderr
    assert "Traceback" not in run.stderr


def test_a_package_that_cannot_be_compiled_is_named(project: Path) -> None:
    letters = project / "packages" / "mailbox_component" / "letters.py"
    edit(letters, 'v.id("letters")}', "v.nonsense()}")
    run = run_cli("build", folder=project, check=False, PYTHONPATH=packages_of(project))
    assert run.returncode == 1
    assert "letters.py" in run.stdout + run.stderr
    assert "nonsense" in run.stdout + run.stderr


def test_a_component_that_uses_itself_is_named(project: Path) -> None:
    config = project / "convex" / "outer" / "inner" / "convex_config.py"
    with config.open("a") as file:
        file.write("from ..convex_config import component as outer\n\ncomponent.use(outer)\n")
    run = run_cli("build", folder=project, check=False, PYTHONPATH=packages_of(project))
    assert run.returncode == 2
    assert "uses itself" in run.stdout + run.stderr
