"""One backend for all tests of the HTTP interface."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.backends import FIXTURES, Server, build_project, serve


@pytest.fixture(scope="session")
def wire_dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled fixture project ``wire``."""
    return build_project(FIXTURES / "wire", tmp_path_factory.mktemp("wire") / "wire")


@pytest.fixture(scope="session")
def wire(wire_dist: Path) -> Iterator[Server]:
    """It, running."""
    with serve(wire_dist) as server:
        yield server
