"""One backend for all tests of stored files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.backends import FIXTURES, Server, build_project, serve
from tests.support.object_store import ObjectStore, serve_objects


@pytest.fixture(scope="session")
def files_dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled fixture project ``files``."""
    return build_project(FIXTURES / "files", tmp_path_factory.mktemp("files") / "files")


@pytest.fixture(scope="session")
def files(files_dist: Path) -> Iterator[Server]:
    """It, running."""
    with serve(files_dist) as server:
        yield server


@pytest.fixture(scope="session")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """An S3-compatible server."""
    with serve_objects(tmp_path_factory.mktemp("objects")) as store:
        yield store
