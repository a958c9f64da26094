"""The fixture project with its package, generated and built."""

from __future__ import annotations

from pathlib import Path

from tests.support.backends import FIXTURES, copy_project, run_cli, share_bytecode


def components_project(target: Path) -> Path:
    """Copy the project, and generate what its package would be installed with."""
    copy_project(FIXTURES / "components", target)
    run_cli("codegen", "--project", "packages", folder=target)
    return target


def packages_of(project: Path) -> str:
    """The value of PYTHONPATH by which the project's packages are found."""
    return str(project / "packages")


def built_components(target: Path) -> Path:
    """Copy and build the project; its ``dist`` needs neither the package nor the compiler."""
    project = components_project(target)
    run_cli("build", "--no-check", folder=project, PYTHONPATH=packages_of(project))
    share_bytecode(project / "dist")
    return project / "dist"
