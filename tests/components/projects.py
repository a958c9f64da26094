"""The fixture project with its package, generated and built."""

from __future__ import annotations

import shutil
import subprocess
import sys
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


def installed_components(target: Path) -> tuple[Path, str]:
    """Copy the project, and install a wheel of its package, of which no source is left.

    Returns the project and the value of PYTHONPATH by which the package is found.
    """
    project = components_project(target)
    options = ("--no-index", "--no-deps")
    _pip("wheel", *options, "--no-build-isolation", "--wheel-dir", "wheels", "./packages", project)
    (wheel,) = (project / "wheels").glob("*.whl")
    shutil.rmtree(project / "packages")
    _pip("install", *options, "--target", "site", str(wheel), project)
    return project, str(project / "site")


def _pip(*arguments: str | Path) -> None:
    *options, folder = arguments
    run = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *options],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr


def built_components(target: Path) -> Path:
    """Copy and build the project, with its package from a wheel; its ``dist`` needs neither the
    package nor the compiler."""
    project, packages = installed_components(target)
    run_cli("build", "--no-check", folder=project, PYTHONPATH=packages)
    share_bytecode(project / "dist")
    return project / "dist"
