"""The project that is tested here, and a fresh backend of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from convexity.testing import ConvexityTest, SyncConvexityTest, convexity_test, sync_convexity_test

from tests.support.backends import FIXTURES, copy_project


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project(FIXTURES / "library", tmp_path_factory.mktemp("testing") / "library")


@pytest.fixture
def t(library: Path) -> Iterator[ConvexityTest]:
    with convexity_test(library) as backend:
        yield backend


@pytest.fixture
def sync_t(library: Path) -> Iterator[SyncConvexityTest]:
    with sync_convexity_test(library) as backend:
        yield backend
