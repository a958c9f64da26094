"""Identities over HTTP, with the official clients too."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.auth.issuer import Issuer, issuer
from tests.clients.official_clients import CallRefusedError, Client, PythonClient, npm_client
from tests.support.backends import ADMIN_KEY, FIXTURES, Server, built, copy_project, run_cli, serve


@pytest.fixture(scope="module")
def login() -> Iterator[Issuer]:
    with issuer() as running:
        yield running


@pytest.fixture(scope="module")
def backend(login: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    project = copy_project(FIXTURES / "identity", tmp_path_factory.mktemp("identity") / "project")
    config = project / "convex" / "auth_config.py"
    config.write_text(config.read_text().replace("http://127.0.0.1:1", login.url))
    with serve(built(project)) as server:
        yield server


def ask(backend: Server, kind: str, name: str, authorization: str | None = None) -> dict[str, str]:
    headers = {} if authorization is None else {"Authorization": authorization}
    body = {"path": f"whoami:{name}", "args": {}, "format": "json"}
    answer: dict[str, str] = backend.client.post(f"/api/{kind}", json=body, headers=headers).json()
    return answer


def test_every_kind_of_function_sees_who_calls(login: Issuer, backend: Server) -> None:
    bearer = f"Bearer {login.token(name='Ada')}"
    assert ask(backend, "query", "in_query", bearer)["value"] == f"{login.url}|user-1"
    assert ask(backend, "mutation", "in_mutation", bearer)["value"] == "Ada"
    assert ask(backend, "action", "in_action", bearer)["value"] == "user-1"


def test_without_a_token_there_is_nobody(backend: Server) -> None:
    assert ask(backend, "query", "in_query")["value"] == "nobody"
    assert ask(backend, "action", "in_action")["value"] == "nobody"


def test_a_user_does_not_see_the_answer_for_another(login: Issuer, backend: Server) -> None:
    tokens = {subject: login.token(sub=subject) for subject in ("a", "b")}
    for _ in range(3):
        for subject, token in tokens.items():
            answer = ask(backend, "query", "in_query", f"Bearer {token}")
            assert answer["value"] == f"{login.url}|{subject}"
        assert ask(backend, "query", "in_query")["value"] == "nobody"


@pytest.mark.parametrize(
    ("claims", "code"),
    [({"exp": 1}, "Unauthenticated"), ({"aud": "other"}, "NoAuthProvider")],
)
def test_a_bad_token_is_answered_with_401(
    login: Issuer, backend: Server, claims: dict[str, object], code: str
) -> None:
    response = backend.client.post(
        "/api/query",
        json={"path": "whoami:in_query", "args": {}},
        headers={"Authorization": f"Bearer {login.token(**claims)}"},
    )
    assert response.status_code == 401
    assert response.json()["code"] == code


def test_a_user_is_no_admin(login: Issuer, backend: Server) -> None:
    bearer = f"Bearer {login.token()}"
    response = backend.client.get("/api/check_admin_key", headers={"Authorization": bearer})
    assert response.status_code == 403
    assert ask(backend, "query", "nested", bearer)["status"] == "error"


def test_an_admin_may_act_as_a_user(backend: Server) -> None:
    user = {"issuer": "https://login.example", "subject": "user-2", "name": "Grace"}
    acting_as = base64.b64encode(json.dumps(user).encode()).decode()
    authorization = f"Convex {ADMIN_KEY}:{acting_as}"
    answer = ask(backend, "query", "in_query", authorization)
    assert answer["value"] == "https://login.example|user-2"
    assert ask(backend, "mutation", "in_mutation", authorization)["value"] == "Grace"


def test_the_run_command_acts_as_a_user(backend: Server, tmp_path: Path) -> None:
    project = copy_project(FIXTURES / "identity", tmp_path / "project")
    user = '{"issuer": "https://login.example", "subject": "user-3"}'
    options = ("--identity", user, "--url", backend.url, "--admin-key", ADMIN_KEY)
    ran = run_cli("run", "api.whoami.in_query", *options, folder=project)
    assert ran.stdout == '"https://login.example|user-3"\n'


@pytest.fixture(params=["python", "npm"])
def client(request: pytest.FixtureRequest, backend: Server) -> Iterator[Client]:
    if request.param == "python":
        yield PythonClient(backend.url)
        return
    with npm_client(backend.url) as made:
        yield made


def test_the_official_clients_sign_in(login: Issuer, client: Client) -> None:
    with pytest.raises(CallRefusedError) as refused:
        client.call("mutation", "whoami:in_mutation", {})
    assert refused.value.data == {"code": "signed_out"}
    client.sign_in(login.token(name="Ada"))
    assert client.call("mutation", "whoami:in_mutation", {}) == "Ada"
    assert client.call("query", "whoami:in_query", {}) == f"{login.url}|user-1"
