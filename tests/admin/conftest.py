"""One backend for the tests of administration, and how they speak to it as an admin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.backends import ADMIN_KEY, FIXTURES, Server, build_project, serve

KEY = "a key of the process"


@pytest.fixture(scope="package")
def environment_dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled fixture project ``environment``."""
    folder = tmp_path_factory.mktemp("environment") / "environment"
    return build_project(FIXTURES / "environment", folder)


@pytest.fixture(scope="package")
def environment_database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of the database of ``environment_server``."""
    return f"sqlite:///{tmp_path_factory.mktemp('environment-data') / 'app.db'}"


@pytest.fixture(scope="package")
def environment_server(environment_dist: Path, environment_database: str) -> Iterator[Server]:
    """It, running."""
    with serve(environment_dist, API_KEY=KEY, DATABASE_URL=environment_database) as server:
        yield server


@pytest.fixture(scope="package")
def environment_admin(environment_server: Server) -> Iterator[httpx.Client]:
    """A client with the admin key."""
    headers = {"Authorization": f"Convex {ADMIN_KEY}"}
    with httpx.Client(base_url=environment_server.url, headers=headers, timeout=60) as client:
        yield client


@pytest.fixture
def backend(environment_server: Server, environment_admin: httpx.Client) -> Server:
    """The running backend, without stored variables."""
    path = "/api/list_environment_variables"
    names = environment_admin.get(path).json()["environmentVariables"]
    changes = [{"name": name, "value": None} for name in names]
    environment_admin.post("/api/update_environment_variables", json={"changes": changes})
    return environment_server


@pytest.fixture
def admin(backend: Server, environment_admin: httpx.Client) -> httpx.Client:
    """A client with the admin key of ``backend``."""
    del backend
    return environment_admin


@pytest.fixture(scope="package")
def administration_dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled fixture project ``administration``."""
    folder = tmp_path_factory.mktemp("administration") / "administration"
    return build_project(FIXTURES / "administration", folder)


@pytest.fixture(scope="package")
def administration(administration_dist: Path) -> Iterator[Server]:
    """It, running."""
    with serve(administration_dist) as server:
        yield server
