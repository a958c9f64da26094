"""The order of tests, and how properties are tried."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

REPOSITORY = Path(__file__).resolve().parents[1]

CHECKED = REPOSITORY / ".mypy_cache"
"""What mypy knows since `make types`."""

LONGEST_FIRST = (
    "tests/docs/test_docs_examples.py",
    "tests/compiler/references/test_corpus_typing.py",
    "tests/http/test_http_start.py",
    "tests/faults/test_kill.py",
    "tests/compiler/lsp/test_lsp_robustness.py",
    "tests/examples",
    "tests/browser",
    "tests/fixes",
    "tests/mutation",
    "tests/compiler/references",
    "tests/hooks",
    "tests/compiler/emit_backend",
    "tests/compiler/cli",
    "tests/faults",
    "tests/clients",
    "tests/admin",
    "tests/http",
    "tests/testing",
    "tests/storage",
    "tests/sync",
    "tests/fuzz",
    "tests/compiler",
)
"""Files and folders that take long. They begin first, so that no process is left with a long file
when the others have nothing more to do; the rest follows in alphabetical order."""

# How long an example takes says how busy the machine is.
settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Everybody tries other examples, but two runs of CI for one commit agree.
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(scope="session", autouse=True)
def shared_mypy_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let every mypy that a test starts know the libraries from the one before, or from the one
    that checked this repository."""
    cache = tmp_path_factory.mktemp("mypy")
    if CHECKED.exists():
        shutil.copytree(CHECKED, cache, dirs_exist_ok=True)
    os.environ["MYPY_CACHE_DIR"] = str(cache)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes long to the front; the order within a file stays."""
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    path = item.path.relative_to(REPOSITORY).as_posix()
    for rank, start in enumerate(LONGEST_FIRST):
        if path == start or path.startswith(f"{start}/"):
            return rank
    return len(LONGEST_FIRST)
