"""One backend for all tests of stored files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.backends import FIXTURES, Server, build_project, serve


@pytest.fixture(scope="session")
def files_dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled fixture project ``files``."""
    return build_project(FIXTURES / "files", tmp_path_factory.mktemp("files") / "files")


@pytest.fixture(scope="session")
def files(files_dist: Path) -> Iterator[Server]:
    """It, running."""
    with serve(files_dist) as server:
        yield server
