"""A built backend with actions of worker processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.backends import FIXTURES, build_project


@pytest.fixture(scope="package")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_project(FIXTURES / "processes", tmp_path_factory.mktemp("processes") / "project")
