"""The fixture project ``search``, compiled and running."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.backends import FIXTURES, Server, build_project, serve


@pytest.fixture(scope="session")
def search_dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled project."""
    return build_project(FIXTURES / "search", tmp_path_factory.mktemp("search") / "search")


@pytest.fixture(scope="session")
def server(search_dist: Path) -> Iterator[Server]:
    """It, running; tests use channels and categories of their own."""
    with serve(search_dist) as running:
        yield running
