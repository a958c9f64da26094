"""List-10 and send over HTTP at 32 connections on 100,000 rows, against hand-written FastAPI."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.load import Load, Measured, measure
from benchmarks.servers import free_port, serve
from benchmarks.table import Table

CHANNELS = 100
MESSAGES_PER_CHANNEL = 1_000
ROUNDS = 3
ADMIN_KEY = "benchmark|0123456789abcdef"
PROJECT = Path(__file__).parent / "project"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """The requests that list and send on one server."""

    list_messages: Load
    send_message: Load


def run() -> Table:
    """Measure all three servers, side by side and round by round; return the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        empty, peer, ours = free_port(), free_port(), free_port()
        shutil.copytree(PROJECT, folder / "project")
        subprocess.run(
            [sys.executable, "-m", "convexity_compiler", "build"],
            cwd=folder / "project",
            check=True,
            stdout=subprocess.DEVNULL,
        )
        with (
            serve(uvicorn("benchmarks.peers.empty_app:app", empty), empty, folder=Path.cwd()),
            serve(
                uvicorn("benchmarks.peers.sqlalchemy_app:app", peer),
                peer,
                folder=Path.cwd(),
                BENCHMARK_DATABASE=str(folder / "peer.db"),
            ),
            serve(
                ["main.py", "--port", str(ours)],
                ours,
                folder=folder / "project" / "dist",
                CONVEXITY_ADMIN_KEY=ADMIN_KEY,
            ),
        ):
            nothing = Load(port=empty, requests=[("POST", "/", '{"path":"messages:list"}')])
            sqlalchemy, convexity = seed_peer(peer), seed_convexity(ours)
            table = Table(
                "HTTP, 32 connections, 100,000 rows",
                ("server", "list-10 /s", "p50 ms", "p99 ms", "send /s", "p50 ms", "p99 ms"),
            )
            limit, peer_list, our_list, peer_send, our_send = medians(
                nothing,
                sqlalchemy.list_messages,
                convexity.list_messages,
                sqlalchemy.send_message,
                convexity.send_message,
            )
            table.add("empty ASGI app", *cells(limit), *cells(limit))
            table.add("FastAPI + SQLAlchemy + aiosqlite", *cells(peer_list), *cells(peer_send))
            table.add("convexity", *cells(our_list), *cells(our_send))
            table.add(
                "convexity / SQLAlchemy",
                f"{our_list.rate / peer_list.rate:.1f}x",
                "",
                "",
                f"{our_send.rate / peer_send.rate:.1f}x",
                "",
                "",
            )
            return table


def uvicorn(application: str, port: int) -> list[str]:
    """Return the arguments that serve an ASGI application as convexity's own main.py does."""
    return ["-m", "uvicorn", application, "--port", str(port), "--no-access-log"]


def medians(*loads: Load) -> list[Measured]:
    """Return each load's run of median rate; in every round all of them run one after another."""
    rounds = [[measure(load) for load in loads] for _ in range(ROUNDS)]
    return [
        sorted(runs, key=lambda measured: measured.rate)[ROUNDS // 2]
        for runs in zip(*rounds, strict=True)
    ]


def cells(measured: Measured) -> tuple[str, str, str]:
    """Format one measurement."""
    return f"{measured.rate:,.0f}", f"{measured.p50:.1f}", f"{measured.p99:.1f}"


def seed_peer(port: int) -> Endpoints:
    """Fill the peer's tables."""
    target = f"/seed?channels={CHANNELS}&messages={MESSAGES_PER_CHANNEL}"
    seeded = post(port, target, {})
    return Endpoints(
        list_messages=Load(
            port=port,
            requests=[
                ("GET", f"/channels/{channel}/messages", "") for channel in seeded["channels"]
            ],
            expect='"content":"',
        ),
        send_message=Load(
            port=port,
            requests=[
                (
                    "POST",
                    "/messages",
                    json.dumps(
                        {"channel_id": channel, "author_id": seeded["user"], "content": "hi"}
                    ),
                )
                for channel in seeded["channels"]
            ],
        ),
    )


def seed_convexity(port: int) -> Endpoints:
    """Fill convexity's tables."""

    def call(name: str, /, **args: object) -> Any:
        body = {"path": f"messages:{name}", "args": args, "format": "json"}
        answer = post(port, "/api/mutation", body, Authorization=f"Convex {ADMIN_KEY}")
        if answer["status"] != "success":
            raise RuntimeError(answer["errorMessage"])
        return answer["value"]

    user = call("create_user", name="Ada")
    channels = [call("create_channel", name=f"channel {number}") for number in range(CHANNELS)]
    for channel in channels:
        call("fill_channel", channelId=channel, authorId=user, count=MESSAGES_PER_CHANNEL)
    return Endpoints(
        list_messages=Load(
            port=port,
            requests=[request("query", "list_messages", channelId=channel) for channel in channels],
            expect='"status":"success"',
        ),
        send_message=Load(
            port=port,
            requests=[
                request("mutation", "send_message", channelId=channel, authorId=user, content="hi")
                for channel in channels
            ],
            expect='"status":"success"',
        ),
    )


def request(kind: str, name: str, **args: object) -> tuple[str, str, str]:
    """Return a call as the npm client sends it."""
    body = {"path": f"messages:{name}", "format": "convex_encoded_json", "args": [args]}
    return "POST", f"/api/{kind}", json.dumps(body)


def post(port: int, target: str, body: object, **headers: str) -> Any:
    """Post JSON and return the decoded answer."""
    call = urllib.request.Request(
        f"http://127.0.0.1:{port}{target}",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", **headers},
    )
    with urllib.request.urlopen(call, timeout=300) as response:
        return json.load(response)
