"""Live search: subscriptions of the npm client."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from tests.clients.live_client import LiveClient, live_client
from tests.support.backends import Server


@pytest.fixture(scope="module")
def npm(server: Server) -> Iterator[LiveClient]:
    """The npm client on the project."""
    with live_client(server.url) as client:
        yield client


@pytest.fixture
def channel() -> str:
    """A channel without messages."""
    return uuid.uuid4().hex


def bodies(npm: LiveClient, subscription: int) -> list[list[str]]:
    return [[message["body"] for message in value] for value in npm.values(subscription)]


def test_results_follow_the_writes(npm: LiveClient, channel: str) -> None:
    def post(body: str, to: str = channel) -> str:
        document_id: str = npm.call("mutation", "messages:post", body=body, channel=to)
        return document_id

    seen = npm.subscribe("messages:best", channel=channel, text="hello wor")
    npm.until_value(seen, [])
    post("hello")
    world = post("hello world")
    post("something else")
    post("hello there", "another " + channel)
    npm.call("mutation", "messages:edit", id=world, body="goodbye world")
    npm.call("mutation", "messages:remove", id=world)
    npm.until(lambda: len(bodies(npm, seen)) == 5)
    assert bodies(npm, seen) == [
        [],
        ["hello"],
        ["hello world", "hello"],
        ["hello", "goodbye world"],
        ["hello"],
    ]


def test_pages_follow_the_writes(npm: LiveClient, channel: str) -> None:
    word = f"w{channel}"[:20]
    ids = [
        npm.call("mutation", "messages:post", body=f"{word} {number}", channel=channel)
        for number in range(5)
    ]
    pages = npm.command("paginate", path="messages:pages", args={"text": word}, size=2)

    def shown() -> list[str]:
        values = npm.values(pages)
        return [message["body"].split()[1] for message in values[-1]] if values else []

    npm.until(lambda: shown() == ["4", "3"])
    npm.command("more", of=pages, size=2)
    npm.until(lambda: shown() == ["4", "3", "2", "1"])
    npm.call("mutation", "messages:post", body=f"{word} 5", channel=channel)
    npm.until(lambda: shown() == ["5", "4", "3", "2"])
    npm.command("more", of=pages, size=3)
    npm.until(lambda: shown() == ["5", "4", "3", "2", "1", "0"])
    npm.call("mutation", "messages:remove", id=ids[4])
    npm.until(lambda: shown() == ["5", "3", "2", "1", "0"])
