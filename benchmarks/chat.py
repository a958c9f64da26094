"""The measured chat, by convexity and by hand: how each is built, served, filled and called."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.load import Load
from benchmarks.servers import free_port, serve

ADMIN_KEY: Final = "benchmark|0123456789abcdef"
PROJECT: Final = Path(__file__).parent / "project"
MAX_INSERTS: Final = 5_000
"""Documents that one mutation inserts while channels are filled."""
SUCCESS: Final = '"status":"success"'
"""What every answer of convexity must hold."""
_DIFFERENT_QUERIES: Final = 40_000
"""More results than the cache holds, so that none is there any more when it is asked for again."""
_LATER_THAN_ALL: Final = 10**15
"""A time after every message, in milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that is running."""

    port: int
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """What a chat was filled with."""

    channels: list[str]
    user: str


@contextlib.contextmanager
def convexity(folder: Path, *, workers: int = 1, **variables: str) -> Iterator[Server]:
    """Build the project in an empty folder, and serve it for the length of the block.

    Args:
        folder: Where to build.
        workers: Processes that serve it.
        variables: Added to the environment.
    """
    project = folder / "project"
    shutil.copytree(PROJECT, project)
    build = [sys.executable, "-m", "convexity_compiler", "build", "--no-check"]
    subprocess.run(build, cwd=project, check=True, stdout=subprocess.DEVNULL)
    port = free_port()
    command = ["main.py", "--port", str(port), "--workers", str(workers)]
    variables["CONVEXITY_ADMIN_KEY"] = ADMIN_KEY
    with serve(command, port, folder=project / "dist", **variables) as pid:
        yield Server(port=port, pid=pid)


@contextlib.contextmanager
def peer(application: str, *, workers: int = 1, **variables: str) -> Iterator[Server]:
    """Serve an application of ``benchmarks.peers`` as convexity's own main.py does.

    Args:
        application: Name of its module.
        workers: Processes that serve it.
        variables: Added to the environment.
    """
    port = free_port()
    module = f"benchmarks.peers.{application}:app"
    command = ["-m", "uvicorn", module, "--port", str(port), "--no-access-log"]
    command += ["--workers", str(workers)]
    with serve(command, port, folder=Path.cwd(), **variables) as pid:
        yield Server(port=port, pid=pid)


def fill_convexity(server: Server, channels: int, messages: int) -> Chat:
    """Create channels with some messages in each."""
    user = mutate(server, "create_user", name="Ada")
    created: list[str] = []
    while len(created) < channels:
        count = min(channels - len(created), max(1, MAX_INSERTS // messages))
        created += mutate(server, "fill_channels", authorId=user, channels=count, messages=messages)
    return Chat(channels=created, user=user)


def fill_peer(server: Server, channels: int, messages: int) -> Chat:
    """Create channels with some messages in each."""
    return Chat(**post(server, f"/seed?channels={channels}&messages={messages}", {}))


def mutate(server: Server, name: str, /, **args: object) -> Any:
    """Run a mutation as an admin; raise RuntimeError when it fails."""
    body = {"path": f"messages:{name}", "args": args, "format": "json"}
    answer = post(server, "/api/mutation", body, Authorization=f"Convex {ADMIN_KEY}")
    if answer["status"] != "success":
        raise RuntimeError(answer["errorMessage"])
    return answer["value"]


def request(kind: str, name: str, /, **args: object) -> tuple[str, str, str]:
    """Return a call as the npm client sends it."""
    body = {"path": f"messages:{name}", "format": "convex_encoded_json", "args": [args]}
    return "POST", f"/api/{kind}", json.dumps(body)


def nothing(server: Server) -> Load:
    """Return the load that finds the limit of server and load generator."""
    return Load(port=server.port, requests=[("POST", "/", '{"path":"messages:list"}')])


def repeated_lists(server: Server, chat: Chat) -> Load:
    """Return the load that lists the newest messages of the channels, over and over."""
    requests = [request("query", "list_messages", channelId=channel) for channel in chat.channels]
    return Load(port=server.port, requests=requests, expect=SUCCESS)


def different_lists(server: Server, chat: Chat) -> Load:
    """Return the load that lists the same, in queries none of which was asked before."""
    requests = [
        request(
            "query",
            "list_messages_before",
            channelId=chat.channels[number % len(chat.channels)],
            before=_LATER_THAN_ALL + number,
        )
        for number in range(_DIFFERENT_QUERIES)
    ]
    return Load(port=server.port, requests=requests, expect=SUCCESS)


def sends(server: Server, chat: Chat) -> Load:
    """Return the load that sends messages to the channels."""
    requests = [send_to_convexity(chat, channel) for channel in chat.channels]
    return Load(port=server.port, requests=requests, expect=SUCCESS)


def peer_lists(server: Server, chat: Chat) -> Load:
    """Return the load that lists the newest messages of the channels of a peer."""
    requests = [("GET", f"/channels/{channel}/messages", "") for channel in chat.channels]
    return Load(port=server.port, requests=requests, expect='"content":"')


def peer_sends(server: Server, chat: Chat) -> Load:
    """Return the load that sends messages to the channels of a peer."""
    return Load(port=server.port, requests=[send_to_peer(chat, one) for one in chat.channels])


def send_to_convexity(chat: Chat, channel: str) -> tuple[str, str, str]:
    """Return the request that sends a message."""
    return request("mutation", "send_message", channelId=channel, authorId=chat.user, content="hi")


def send_to_peer(chat: Chat, channel: str) -> tuple[str, str, str]:
    """Return the request that sends a message."""
    message = {"channel_id": channel, "author_id": chat.user, "content": "hi"}
    return "POST", "/messages", json.dumps(message)


def post(server: Server, target: str, body: object, **headers: str) -> Any:
    """Post JSON and return the decoded answer."""
    call = urllib.request.Request(
        f"http://127.0.0.1:{server.port}{target}",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", **headers},
    )
    with urllib.request.urlopen(call, timeout=300) as response:
        return json.load(response)


def get(server: Server, target: str, **headers: str) -> Any:
    """Return the decoded JSON of an address."""
    call = urllib.request.Request(f"http://127.0.0.1:{server.port}{target}", headers=headers)
    with urllib.request.urlopen(call, timeout=300) as response:
        return json.load(response)
