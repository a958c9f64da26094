"""Backends and clients for the tests of the official clients."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients.official_clients import Client, NpmClient, PythonClient, npm_client
from tests.support.backends import FIXTURES, Server, build_project, serve


@pytest.fixture(scope="session")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The fixture project ``wire``, running."""
    with serve(
        build_project(FIXTURES / "wire", tmp_path_factory.mktemp("wire") / "wire")
    ) as server:
        yield server


@pytest.fixture
def npm(wire: Server) -> Iterator[NpmClient]:
    """The npm client on that project."""
    with npm_client(wire.url) as client:
        yield client


@pytest.fixture(params=["python", "npm"])
def client(request: pytest.FixtureRequest, wire: Server) -> Client:
    """Either client on that project."""
    if request.param == "python":
        return PythonClient(wire.url)
    found: NpmClient = request.getfixturevalue("npm")
    return found
