"""The pytest plugin: fixtures with a fresh backend, and the project's folder to import from.

It is loaded by every run of pytest in an environment that has the package, so it imports what it
needs when a test asks for it.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from convexity.project_folder import functions_folder, make_importable, project_root

if TYPE_CHECKING:
    from convexity.testing import ConvexityTest, SyncConvexityTest

_OPTION = "convexity_project"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the setting that names the project."""
    parser.addini(
        _OPTION,
        "Root of the convexity project that is tested, relative to the configuration file of "
        "pytest; by default the nearest folder above a test that is one.",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Let ``from convex._generated.api import api`` work in conftest.py and tests."""
    try:
        _make_importable(_configured(early_config) or early_config.rootpath)
    except _ImportRefusedError as error:
        raise pytest.UsageError(str(error)) from error


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> None:
    """The same for the project of a test that is not that of the configuration."""
    if _configured(parent.config) is None:
        try:
            _make_importable(module_path.parent)
        except _ImportRefusedError as error:
            raise parent.CollectError(str(error)) from error


def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> object | None:
    """Run a test that is a coroutine and uses ``t``, unless another plugin does."""
    test = pyfuncitem.obj
    if "t" not in pyfuncitem.fixturenames or not inspect.iscoroutinefunction(test):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in inspect.signature(test).parameters}
    asyncio.run(test(**arguments))
    return True


@pytest.fixture
def convexity_project(request: pytest.FixtureRequest) -> Path:
    """Root of the project that is tested."""
    from convexity.testing import CompilationError

    start = _configured(request.config) or request.path.parent
    root = project_root(start.resolve())
    if root is None:
        raise CompilationError(
            f"there is no project around {start}: name its folder in the configuration of pytest, "
            f"`{_OPTION} = <folder>`"
        )
    return root


@pytest.fixture
def t(convexity_project: Path) -> Iterator[ConvexityTest]:
    """A fresh backend, for tests that are coroutines."""
    from convexity.testing import convexity_test

    with convexity_test(convexity_project) as backend:
        yield backend


@pytest.fixture
def sync_t(convexity_project: Path) -> Iterator[SyncConvexityTest]:
    """A fresh backend, for other tests."""
    from convexity.testing import sync_convexity_test

    with sync_convexity_test(convexity_project) as backend:
        yield backend


def _configured(config: pytest.Config) -> Path | None:
    folder = str(config.getini(_OPTION) or "")
    start = config.rootpath if config.inipath is None else config.inipath.parent
    return start / folder if folder else None


class _ImportRefusedError(Exception):
    """The project has no references yet, and cannot be compiled."""


def _make_importable(start: Path) -> None:
    root = project_root(start.resolve())
    if root is None:
        return
    make_importable(root)
    if not (functions_folder(root) / "_generated").exists():
        from convexity.testing.compilation import CompilationError, compiled

        try:
            compiled(root)
        except CompilationError as error:
            raise _ImportRefusedError(str(error)) from error
