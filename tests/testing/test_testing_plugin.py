"""The pytest plugin in a project of its own, with the plugins for coroutines that people use."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.backends import FIXTURES, REPOSITORY, copy_project
from tests.support.plugin import PLUGIN_OPTIONS

TESTS = """\
import pytest
from convexity.testing import ConvexityTest, SyncConvexityTest
from library._generated.api import api
from library._generated.server import MutationCtx


async def test_by_itself(t: ConvexityTest[MutationCtx]) -> None:
    book = await t.mutation(api.books.add, title="Emma", copies=2)
    found = await t.run(lambda ctx: ctx.db.get(book))
    assert found is not None
    assert found["title"] == "Emma"


@pytest.mark.asyncio
async def test_with_pytest_asyncio(t: ConvexityTest) -> None:
    assert await t.query(api.books.newest) == []
    await t.mutation(api.books.add, title="Emma", copies=2)


@pytest.mark.anyio
async def test_with_anyio(t: ConvexityTest) -> None:
    assert await t.query(api.books.newest) == []


def test_without_coroutines(sync_t: SyncConvexityTest) -> None:
    sync_t.mutation(api.books.add, title="Emma", copies=2)
    assert [book["copies"] for book in sync_t.query(api.books.newest)] == [2]
"""

CONFTEST = """\
import pytest
from library._generated.api import api


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
"""

WRONG = """\
from convexity.testing import ConvexityTest
from library._generated.api import api, internal
from library._generated.server import MutationCtx


async def mistakes(t: ConvexityTest[MutationCtx]) -> None:
    await t.mutation(api.books.add, title="Emma")
    await t.query(api.books.newest, limit=1)
    await t.query(api.books.add, title="Emma", copies=1)
    (await t.query(internal.books.copies, book="x")).bit_length()
    await t.run(lambda ctx: ctx.db.insert("book", {}))
    t.with_identity({"nam": "Ada"})
"""
MISTAKES = 6


def pytest_in(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "runtime_stub")}
    environment.pop("PYTEST_CURRENT_TEST", None)
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            *PLUGIN_OPTIONS,
            *arguments,
        ],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project without ``_generated``, with tests in another folder."""
    root = copy_project(FIXTURES / "library", tmp_path_factory.mktemp("plugin") / "library")
    (root / "tests").mkdir()
    (root / "tests" / "test_books.py").write_text(TESTS)
    (root / "tests" / "conftest.py").write_text(CONFTEST)
    return root


def test_coroutines_of_every_kind_run(project: Path) -> None:
    result = pytest_in(project)
    assert "4 passed" in result.stdout, result.stdout + result.stderr


def test_a_project_elsewhere_is_named_by_a_setting(project: Path, tmp_path: Path) -> None:
    (tmp_path / "test_books.py").write_text(TESTS.replace('"Emma"', '"Persuasion"', 1))
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "pytest.ini").write_text(f"[pytest]\nconvexity_project = {project}\n")
    result = pytest_in(tmp_path, "-k", "without_coroutines")
    assert "1 passed" in result.stdout, result.stdout + result.stderr


def test_a_mistake_in_the_project_is_shown_as_the_compiler_says_it(
    project: Path, tmp_path: Path
) -> None:
    broken = copy_project(project, tmp_path / "library")
    books = broken / "library" / "books.py"
    text = books.read_text().replace('"title": v.string()', '"title": v.text()')
    books.write_text(text)
    line = text.partition("v.text()")[0].count("\n") + 1
    result = pytest_in(broken)
    assert result.returncode != 0
    assert f"library/books.py:{line}" in result.stderr
    assert "help: use `v.string()`" in result.stderr
    assert "Traceback" not in result.stdout + result.stderr


def test_type_checkers_know_every_call(project: Path) -> None:
    pyright = REPOSITORY / "tests" / "clients" / "node_modules" / ".bin" / "pyright"
    if not pyright.exists():
        pytest.skip("pyright is not installed in tests/clients")
    pytest_in(project, "--collect-only")
    (project / "wrong.py").write_text(WRONG)
    paths = [str(REPOSITORY / "runtime_stub"), str(project)]
    (project / "pyrightconfig.json").write_text(json.dumps({"extraPaths": paths}))
    result = subprocess.run(
        [pyright, "--pythonpath", sys.executable, "wrong.py", "tests/test_books.py"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    errors = re.findall(r"(\w+)\.py:(\d+):\d+ - error", result.stdout)
    assert set(errors) == {("wrong", str(7 + n)) for n in range(MISTAKES)}, result.stdout


def test_names_are_imported_without_the_server() -> None:
    script = (
        "import sys, convexity.pytest_plugin\n"
        "from convexity.testing import *\n"
        "print(*{'fastapi', 'pydantic', 'uvicorn', 'numpy', 'apsw'} & set(sys.modules))"
    )

    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert found.stdout == "\n"
