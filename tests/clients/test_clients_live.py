"""The official clients of live queries: npm ``ConvexClient`` and PyPI ``ConvexClient``."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from convex import ConvexClient, ConvexError

from tests.auth.issuer import Issuer, issuer
from tests.clients.live_client import LiveClient, live_client
from tests.support.backends import (
    ADMIN_KEY,
    FIXTURES,
    Server,
    build_project,
    built,
    copy_project,
    serve,
)


@pytest.fixture(scope="module")
def live_dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled fixture project ``live``."""
    return build_project(FIXTURES / "live", tmp_path_factory.mktemp("live") / "live")


@pytest.fixture(scope="module")
def live(live_dist: Path) -> Iterator[Server]:
    """It, running."""
    with serve(live_dist) as server:
        yield server


@pytest.fixture
def room() -> str:
    """A room without items."""
    return uuid.uuid4().hex


@pytest.fixture
def npm(live: Server) -> Iterator[LiveClient]:
    """The npm client on that project."""
    with live_client(live.url) as client:
        yield client


def put(key: str, rank: float, room: str) -> dict[str, Any]:
    return {"room": room, "key": key, "owner": "ada", "rank": rank}


def test_a_mutation_without_subscriptions(npm: LiveClient, room: str) -> None:
    assert npm.call("mutation", "items:put", **put("k", 1.0, room)) is None


def test_a_subscription_is_told_of_changes(npm: LiveClient, room: str) -> None:
    total = npm.subscribe("items:sum_of_all", room=room)
    npm.until_value(total, 0)
    for number in (1, 2, 3):
        npm.call("mutation", "items:put", **put(f"k{number}", 1.0, room))
        # The promise of a mutation is kept when its effect is there.
        npm.until_value(total, number)
    assert npm.values(total) == [0, 1, 2, 3]
    npm.command("unsubscribe", of=total)
    npm.call("mutation", "items:put", **put("k4", 1.0, room))
    assert npm.values(total) == [0, 1, 2, 3]


def test_two_clients(live: Server, npm: LiveClient, room: str) -> None:
    with live_client(live.url) as other:
        seen = other.subscribe("items:of_owner", room=room, owner="ada")
        other.until_value(seen, [])
        npm.call("mutation", "items:put", **put("k", 1.0, room))
        other.until_value(seen, [{"key": "k", "rank": 1}])


def test_failures(npm: LiveClient, room: str) -> None:
    refused = npm.outcome(npm.start_call("mutation", "items:refuse", room=room, data={"a": 1}))
    assert refused["data"] == {"a": 1}
    wrong = npm.outcome(npm.start_call("mutation", "items:put", room=room))
    assert "ArgumentValidationError" in wrong["message"]
    assert "data" not in wrong
    hidden = npm.outcome(npm.subscribe("facts:hidden"))
    assert "Could not find public function" in hidden["message"]
    npm.call("mutation", "items:put", **put("k", -1.0, room))
    strict = npm.subscribe("items:strict_sum", room=room)
    assert npm.outcome(strict)["data"] == {"negative": "k"}
    npm.call("mutation", "items:put", **put("k", 1.0, room))
    npm.until_value(strict, 1)


def test_a_large_result(npm: LiveClient) -> None:
    """It comes in chunks."""
    text = "a€" * 1_300_000
    npm.until_value(npm.subscribe("facts:talk", text=text), text)


def test_actions(npm: LiveClient, room: str) -> None:
    assert npm.call("action", "items:wait", seconds=0.0) == "done"
    total = npm.subscribe("items:sum_of_all", room=room)
    npm.call("action", "items:put_twice", room=room)
    npm.until_value(total, 2)


def test_a_killed_server_comes_back(live_dist: Path, tmp_path: Path, room: str) -> None:
    """Subscriptions are restored, and a mutation under way is applied once."""
    database = {"DATABASE_URL": f"sqlite:///{tmp_path / 'app.db'}"}
    with serve(live_dist, **database) as server, live_client(server.url) as npm:
        total = npm.subscribe("items:sum_of_all", room=room)
        npm.call("mutation", "items:put", **put("k", 1.0, room))
        npm.until_value(total, 1)
        waiting = npm.start_call("mutation", "items:put_slowly", room=room, seconds=0.5)
        npm.outcome(npm.command("connection"))
        server.kill()
        with serve(live_dist, port=server.port, **database) as again:
            assert npm.outcome(waiting) == {"number": waiting, "value": None}
            npm.until_value(total, 2)
            again.call("mutation", "items:put", **put("other", 5.0, room))
            npm.until_value(total, 7)
            assert again.call("query", "items:sum_of_all", room=room) == 7
        state = npm.outcome(npm.command("connection"))["value"]
        assert state["connectionCount"] >= 2


def test_pages(npm: LiveClient, room: str) -> None:
    """As many as asked for, then an empty page; inserts and splits leave no gap."""
    npm.call("mutation", "items:fill", room=room, count=4)
    pages = npm.command("paginate", path="items:page", args={"room": room}, size=4)

    def keys() -> list[str]:
        return [item["key"] for item in npm.values(pages)[-1]] if npm.of(pages) else []

    def status() -> str:
        return str(npm.of(pages)[-1]["status"])

    npm.until(lambda: keys() == ["k0", "k1", "k2", "k3"])
    assert status() == "CanLoadMore"
    npm.command("more", of=pages, size=4)
    npm.until(lambda: status() == "Exhausted")
    assert keys() == ["k0", "k1", "k2", "k3"]
    expected = ["k0", "k1", "k2", "k3"]
    for number in range(9):
        npm.call("mutation", "items:put", **put(f"n{number}", 0.1 + number / 100, room))
        expected.insert(1 + number, f"n{number}")
        npm.until(lambda: keys() == expected)
    npm.call("mutation", "items:put", **put("last", 50.0, room))
    npm.until(lambda: keys() == [*expected, "last"])


def test_an_admin_acts_as_a_user(npm: LiveClient) -> None:
    npm.command("admin", key=ADMIN_KEY, acting={"issuer": "https://i", "subject": "s"})
    npm.until_value(npm.subscribe("facts:who"), "https://i|s")
    npm.until_value(npm.subscribe("facts:hidden"), "secret")


@pytest.fixture(scope="module")
def login() -> Iterator[Issuer]:
    with issuer() as running:
        yield running


@pytest.fixture(scope="module")
def identity(login: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A backend that accepts the tokens of that issuer."""
    project = copy_project(FIXTURES / "identity", tmp_path_factory.mktemp("identity") / "project")
    config = project / "convex" / "auth_config.py"
    config.write_text(config.read_text().replace("http://127.0.0.1:1", login.url))
    with serve(built(project)) as server:
        yield server


def test_tokens_are_confirmed(login: Issuer, identity: Server) -> None:
    """Two in a row: the client fetches a fresh one as soon as the first is accepted."""
    with live_client(identity.url) as npm:
        who = npm.subscribe("whoami:in_query")
        npm.until_value(who, "nobody")
        tokens = [login.token(sub="ada"), login.token(sub="ada", name="Ada")]
        signing = npm.command("sign_in", tokens=tokens)
        npm.until(lambda: {"number": signing, "isSignedIn": True} in npm.events)
        npm.until_value(who, f"{login.url}|ada")
        assert npm.call("mutation", "whoami:in_mutation") == "Ada"
        assert [event["force"] for event in npm.of(signing) if "force" in event] == [False, True]


def test_a_refused_token_is_replaced(login: Issuer, identity: Server) -> None:
    with live_client(identity.url) as npm:
        who = npm.subscribe("whoami:in_query")
        tokens = [login.token(aud="another-app"), login.token(sub="ada")]
        signing = npm.command("sign_in", tokens=tokens)
        npm.until(lambda: {"number": signing, "isSignedIn": True} in npm.events)
        npm.until_value(who, f"{login.url}|ada")


def test_a_token_that_expires_is_replaced_amid_subscriptions(
    login: Issuer, identity: Server
) -> None:
    with live_client(identity.url) as npm:
        who = npm.subscribe("whoami:in_query")
        now = int(time.time())
        short = login.token(sub="ada", iat=now, exp=now + 4)
        signing = npm.command("sign_in", tokens=[short, short, login.token(sub="bob")])
        npm.until_value(who, f"{login.url}|ada")
        npm.until_value(who, f"{login.url}|bob")
        assert {"number": signing, "isSignedIn": False} not in npm.events


@pytest.fixture
def python(live: Server) -> ConvexClient:
    """The Python client of live queries."""
    return ConvexClient(live.url)


def test_python_calls(python: ConvexClient, room: str) -> None:
    assert python.mutation("items:put", put("k", 2.5, room)) is None
    assert python.query("items:sum_of_all", {"room": room}) == 2.5
    assert python.action("items:wait", {"seconds": 0.0}) == "done"
    with pytest.raises(ConvexError) as refused:
        python.mutation("items:refuse", {"room": room, "data": {"code": 1.0}})
    assert refused.value.data == {"code": 1.0}
    assert python.query("items:sum_of_all", {"room": room}) == 2.5


def test_python_subscribes(live: Server, python: ConvexClient, room: str) -> None:
    """The iterator waits with the interpreter's lock held, so all happens in one thread."""
    values = iter(python.subscribe("items:sum_of_all", {"room": room}))
    assert next(values) == 0.0
    for number in (1, 2, 3):
        live.call("mutation", "items:put", **put(f"k{number}", 1.0, room))
        assert next(values) == number
