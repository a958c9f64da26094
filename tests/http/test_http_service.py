"""Endpoints that tell of the deployment (wire-protocol 9.1)."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.support.backends import ADMIN_KEY, REPOSITORY, Server


def test_the_version_is_that_of_the_package(wire: Server):
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    for path in ("/version", "/instance_version"):
        response = wire.client.get(path)
        assert response.text == project["version"]
        assert response.headers["content-type"].startswith("text/plain")


def test_the_instance_is_called_as_the_project(wire: Server):
    assert wire.client.get("/instance_name").text == "wire"


def test_the_root_says_that_it_runs(wire: Server):
    assert "running" in wire.client.get("/").text
    assert wire.client.head("/").content == b""


def test_an_admin_key_can_be_checked(wire: Server):
    headers = {"Authorization": f"Convex {ADMIN_KEY}"}
    answer = wire.client.get("/api/check_admin_key", headers=headers).json()
    assert answer["success"] is True
    assert answer["isReadOnly"] is False
    assert "RunInternalQueries" in answer["allowedOps"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Convex wrong"}], ids=str)
def test_a_wrong_admin_key_fails_the_check(wire: Server, headers: dict[str, str]):
    response = wire.client.get("/api/check_admin_key", headers=headers)
    assert response.status_code == 403
    assert response.json()["code"] == "BadDeployKey"


def test_clients_report_events(wire: Server):
    event = {"event": "LongWebsocketDisconnect"}
    assert wire.client.post("/api/debug_event", json=event).status_code == 200
    assert wire.client.post("/api/debug_event", content=b"").status_code == 400


def test_the_functions_are_documented_without_the_internet(wire: Server):
    page = wire.client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "'/openapi.json'" in page.text
    assets = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(assets) == 3
    for asset in assets:
        assert asset.startswith("/")
        assert wire.client.get(asset).status_code == 200
