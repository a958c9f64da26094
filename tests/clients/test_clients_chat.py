"""The chat application of the guidelines, used through both official clients."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from convexity.values.ids import decode_id, encode_id

from tests.clients.official_clients import (
    CallFailedError,
    CallRefusedError,
    Client,
    PythonClient,
    npm_client,
)
from tests.support.backends import (
    ADMIN_KEY,
    EXAMPLES,
    Server,
    build_project,
    free_port,
    serve,
)


@pytest.fixture(scope="module")
def model() -> Iterator[str]:
    """The example's own model server."""
    port = free_port()
    command = [sys.executable, str(EXAMPLES / "chat" / "model_server.py"), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(timeout=60)


@pytest.fixture(scope="module")
def chat_dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled example."""
    return build_project(EXAMPLES / "chat", tmp_path_factory.mktemp("chat") / "chat")


@pytest.fixture
def chat(chat_dist: Path, model: str, tmp_path: Path) -> Iterator[Server]:
    """The example, with an empty database."""
    variables = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'chat.db'}",
        "OPENAI_API_KEY": "local",
        "OPENAI_BASE_URL": model,
    }
    with serve(chat_dist, **variables) as server:
        yield server


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            httpx.get(url)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"{url} does not answer")


def test_through_python(chat: Server) -> None:
    converse(PythonClient(chat.url))


def test_through_npm(chat: Server) -> None:
    with npm_client(chat.url) as client:
        converse(client)


def converse(client: Client) -> None:
    """Make a user and a channel, write, and read the answer that the AI writes."""
    ada = client.call("mutation", "index:create_user", {"name": "Ada"})
    general = client.call("mutation", "index:create_channel", {"name": "general"})
    other = client.call("mutation", "index:create_channel", {"name": "other"})
    assert len({ada, general, other}) == 3

    def messages(channel: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = client.call(
            "query", "index:list_messages", {"channelId": channel}
        )
        return found

    assert messages(general) == []
    first = {"channelId": general, "authorId": ada, "content": "I feel that compilers are fun"}
    assert client.call("mutation", "index:send_message", first) is None
    answer, question = wait_until(lambda: messages(general), length=2)
    assert {name: question[name] for name in first} == first
    assert "authorId" not in answer
    assert answer["content"] == "What makes you feel that compilers are fun?"
    assert answer["_creationTime"] > question["_creationTime"]
    assert messages(other) == []

    for number in range(6):
        content = f"message {number}"
        sent = {"channelId": general, "authorId": ada, "content": content}
        client.call("mutation", "index:send_message", sent)
    wait_until(lambda: [m for m in messages(general) if "authorId" not in m], length=5)
    newest = messages(general)
    assert len(newest) == 10
    times = [message["_creationTime"] for message in newest]
    assert times == sorted(times, reverse=True)

    lost = {"channelId": unused_id(general), "authorId": ada, "content": "x"}
    with pytest.raises(CallRefusedError) as caught:
        client.call("mutation", "index:send_message", lost)
    assert caught.value.data == "Channel not found"
    mistakes: list[dict[str, Any]] = [{"channelId": ada}, {"content": 1.0}, {"x": 1.0}]
    for wrong in [{}, *({**first, **mistake} for mistake in mistakes)]:
        with pytest.raises(CallFailedError, match="ArgumentValidationError"):
            client.call("mutation", "index:send_message", wrong)
    with pytest.raises(CallFailedError, match="Could not find public function"):
        client.call("query", "index:load_context", {"channelId": general})
    client.act_as_admin(ADMIN_KEY)
    context = client.call("query", "index:load_context", {"channelId": general})
    assert {entry["role"] for entry in context} == {"user", "assistant"}


def unused_id(like: str) -> str:
    """An id of the same table that no document has."""
    return encode_id(decode_id(like).table_number, bytes(16))


def wait_until(read: Any, *, length: int) -> list[dict[str, Any]]:
    deadline = time.monotonic() + 60
    while len(found := read()) < length:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return list(found)
