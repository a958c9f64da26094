"""Environment variables: where values come from, who sees a change, what is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.admin.conftest import KEY
from tests.support.backends import ADMIN_KEY, Server, run_cli, serve
from tests.sync.sync_client import SyncClient, sync_client


def update(admin: httpx.Client, **values: str | None) -> httpx.Response:
    changes = [{"name": name, "value": value} for name, value in values.items()]
    return admin.post("/api/update_environment_variables", json={"changes": changes})


def values(client: SyncClient, seen: Mapping[int, Any] | None = None) -> list[Any]:
    """Values of the live queries, in order of their numbers."""
    results = client.results if seen is None else seen
    return [results[number].get("value") for number in sorted(results)]


def listed(admin: httpx.Client) -> Any:
    return admin.get("/api/list_environment_variables").json()["environmentVariables"]


def test_stored_values_come_before_those_of_the_process(
    backend: Server, admin: httpx.Client
) -> None:
    assert backend.call("query", "settings:key") == KEY
    assert backend.call("query", "settings:mode") == "slow"
    assert update(admin, API_KEY="stored", MODE="fast", OTHER="undeclared").text == ""
    assert backend.call("query", "settings:key") == "stored"
    assert backend.call("query", "settings:mode") == "fast"
    assert listed(admin) == {"API_KEY": "stored", "MODE": "fast", "OTHER": "undeclared"}
    assert update(admin, API_KEY=None, MODE=None).status_code == 200
    assert backend.call("query", "settings:key") == KEY
    assert backend.call("query", "settings:mode") == "slow"
    assert listed(admin) == {"OTHER": "undeclared"}


@pytest.mark.parametrize("kind", ["query", "mutation", "action"])
def test_the_next_call_sees_a_change(backend: Server, admin: httpx.Client, kind: str) -> None:
    path = {"query": "settings:greeting"}.get(kind, f"settings:greeting_in_{kind}")
    assert backend.call(kind, path) is None
    for value in ("hello", "", "good\nbye", None):
        update(admin, GREETING=value)
        assert backend.call(kind, path) == value


async def test_a_change_reruns_the_live_queries_that_read_it(
    backend: Server, admin: httpx.Client
) -> None:
    async with sync_client(backend.port) as client:
        await client.add(0, "settings:greeting")
        await client.at_query_set(await client.add(1, "settings:mode"))
        assert values(client) == [None, "slow"]
        update(admin, GREETING="hello")
        await client.until(lambda: values(client) == ["hello", "slow"])
        update(admin, OTHER="unread")
        update(admin, MODE="fast")
        await client.until(lambda: values(client) == ["hello", "fast"])
        assert [values(client, seen) for _, seen in client.transitions[-2:]] == [
            ["hello", "slow"],
            ["hello", "fast"],
        ]


async def test_another_process_of_the_database_sees_a_change(
    admin: httpx.Client, environment_dist: Path, environment_database: str
) -> None:
    with serve(environment_dist, API_KEY=KEY, DATABASE_URL=environment_database) as other:
        async with sync_client(other.port) as client:
            await client.at_query_set(await client.add(0, "settings:greeting"))
            for value in ("one", "two", "three"):
                update(admin, GREETING=value)
                assert other.call("query", "settings:greeting") == value
                update(admin, GREETING=f"{value}!")
                assert other.call("action", "settings:greeting_in_action") == f"{value}!"
                update(admin, GREETING=f"{value}?")
                assert other.call("mutation", "settings:greeting_in_mutation") == f"{value}?"
            await client.until(lambda: values(client) == ["three?"])


def test_a_running_action_sees_a_change(backend: Server, admin: httpx.Client) -> None:
    update(admin, GREETING="before")
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(
            backend.call, "action", "settings:changed_greeting", before="before"
        )
        update(admin, GREETING="after")
        assert waiting.result() == "after"


def test_addresses_are_built_in(backend: Server, admin: httpx.Client) -> None:
    cloud, site = backend.call("query", "settings:addresses")
    assert cloud == backend.url
    assert site.startswith("http://127.0.0.1:")
    for name in ("CONVEX_CLOUD_URL", "CONVEX_SITE_URL"):
        answer = update(admin, **{name: "http://elsewhere"})
        assert answer.status_code == 400
        assert answer.json() == {
            "code": "EnvVarNameForbidden",
            "message": f'Environment variable with name "{name}" is built-in and cannot be '
            "overridden",
        }


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("1ST", "x", "EnvironmentVariableNameInvalid"),
        ("", "x", "EnvironmentVariableNameInvalid"),
        ("WITH-DASH", "x", "EnvironmentVariableNameInvalid"),
        ("NEWLINE\n", "x", "EnvironmentVariableNameInvalid"),
        ("{{ 7*7 }}", "x", "EnvironmentVariableNameInvalid"),
        ("UMLAUT_\u00e4", "x", "EnvironmentVariableNameInvalid"),
        ("N" * 257, "x", "EnvironmentVariableNameTooLong"),
        ("LARGE", "x" * 8193, "EnvironmentVariableValueTooLarge"),
        ("ZERO", "a\0b", "EnvironmentVariableValueInvalid"),
        ("MODE", "warp", "EnvironmentVariableValueInvalid"),
    ],
)
def test_what_cannot_be_set_is_refused_with_all_of_the_request(
    admin: httpx.Client, name: str, value: str, code: str
) -> None:
    changes = [{"name": "GREETING", "value": "hello"}, {"name": name, "value": value}]
    answer = admin.post("/api/update_environment_variables", json={"changes": changes})
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert value != "warp" or value not in answer.json()["message"]
    assert listed(admin) == {}


def test_as_many_as_convex_allows_can_be_stored(admin: httpx.Client) -> None:
    assert update(admin, **{f"V{number}": "x" for number in range(512)}).status_code == 200
    assert update(admin, V0="y", V1=None, NEW="x").status_code == 200
    answer = update(admin, ONE_MORE="x")
    assert answer.json()["code"] == "EnvVarLimitMet"
    assert len(listed(admin)) == 512


def test_only_plain_admins_see_and_set_variables(backend: Server, admin: httpx.Client) -> None:
    update(admin, API_KEY="secret")
    for headers in ({}, {"Authorization": "Convex nobody|0123456789"}):
        for method, path in (
            ("GET", "/api/list_environment_variables"),
            ("POST", "/api/update_environment_variables"),
        ):
            answer = httpx.request(method, f"{backend.url}{path}", headers=headers)
            assert answer.status_code == 403
            assert "secret" not in answer.text


def test_a_missing_variable_keeps_the_backend_from_starting(
    environment_dist: Path, tmp_path: Path
) -> None:
    database = f"sqlite:///{tmp_path / 'app.db'}"
    with (
        pytest.raises(AssertionError, match="the server ended") as refused,
        serve(environment_dist, DATABASE_URL=database, MODE="hunter2"),
    ):
        pass
    text = str(refused.value)
    assert "The backend does not start: environment variables are missing or wrong:" in text
    assert "API_KEY is not set: set it with `convexity env set API_KEY`" in text
    assert "the value of the environment variable MODE is not as declared" in text
    assert "hunter2" not in text


def test_stored_names_of_settings_steer_nothing(environment_dist: Path, tmp_path: Path) -> None:
    settings = {"API_KEY": "x", "DATABASE_URL": f"sqlite:///{tmp_path / 'app.db'}"}
    elsewhere = {
        "PATH": "/nowhere",
        "PYTHONPATH": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'other.db'}",
        "STORAGE_URL": f"file:///{tmp_path / 'other'}",
        "CONVEXITY_ADMIN_KEY": "other|fedcba9876543210",
        "CONVEXITY_REDACT_ERRORS": "1",
        "CONVEXITY_SHUTDOWN_SECONDS": "nonsense",
    }
    headers = {"Authorization": f"Convex {ADMIN_KEY}"}
    with serve(environment_dist, **settings) as server:
        changes = [{"name": name, "value": value} for name, value in elsewhere.items()]
        answer = server.client.post(
            "/api/update_environment_variables", json={"changes": changes}, headers=headers
        )
        assert answer.is_success, answer.text
    with serve(environment_dist, **settings) as restarted:
        stored = restarted.client.get("/api/list_environment_variables", headers=headers)
        assert stored.json() == {"environmentVariables": elsewhere}
        other = {"Authorization": f"Convex {elsewhere['CONVEXITY_ADMIN_KEY']}"}
        assert restarted.client.get("/api/check_admin_key", headers=other).status_code == 403
        assert not list(tmp_path.glob("other*"))


def test_a_stored_variable_is_enough_to_start(environment_dist: Path, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'app.db'}"
    with serve(environment_dist, API_KEY="x", DATABASE_URL=database) as first:
        first.client.headers["Authorization"] = f"Convex {ADMIN_KEY}"
        update(first.client, API_KEY="stored")
    with serve(environment_dist, DATABASE_URL=database) as second:
        assert second.call("query", "settings:key") == "stored"
        second.client.headers["Authorization"] = f"Convex {ADMIN_KEY}"
        answer = update(second.client, API_KEY=None)
    assert answer.json()["code"] == "RequiredEnvironmentVariable"


def test_the_command_sets_shows_and_removes(
    backend: Server, environment_dist: Path, tmp_path: Path
) -> None:
    project = environment_dist.parent
    options = ("--url", backend.url, "--admin-key", ADMIN_KEY)

    def env(*arguments: str, check: bool = True, given: str | None = None) -> Any:
        return run_cli("env", *arguments, *options, folder=project, check=check, given=given)

    assert env("set", "GREETING", "hello world").stderr == "Set GREETING.\n"
    env("set", "MODE=fast")
    env("set", "API_KEY", given="from stdin\n")
    file = tmp_path / "variables"
    file.write_text("# a comment\nOTHER='a b'\nexport MORE=\"two\\nlines\"\n")
    env("set", "--from-file", str(file))
    assert env("list").stdout.splitlines() == [
        'API_KEY="from stdin"',
        'GREETING="hello world"',
        "MODE=fast",
        r'MORE="two\nlines"',
        'OTHER="a b"',
    ]
    assert env("get", "API_KEY").stdout == "from stdin\n"
    assert env("unset", "MODE", "MISSING").stderr == (
        "Removed MODE.\nThe backend stored no MISSING.\n"
    )
    missing = env("get", "MODE", check=False)
    assert (missing.returncode, missing.stdout) == (1, "")
    refused = env("set", "MODE", "secret-warp", check=False)
    assert refused.returncode == 2
    assert "EnvironmentVariableValueInvalid" in refused.stderr
    assert "secret-warp" not in refused.stderr
    assert "secret-warp" not in backend.log.read_text()


def test_functions_cannot_read_the_table_of_variables(admin: httpx.Client) -> None:
    update(admin, API_KEY="secret")
    body = {"path": "settings:peek", "args": {}}
    answer = admin.post("/api/query", json=body).json()
    assert answer["status"] == "error"
    assert "functions cannot read this table" in answer["errorMessage"]
    assert "secret" not in json.dumps(answer)
