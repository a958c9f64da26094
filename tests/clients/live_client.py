"""The npm client of live queries, in a node process."""

from __future__ import annotations

import base64
import contextlib
import json
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from tests.clients.official_clients import npm_folder

PATIENCE = 60.0
"""Seconds after which an event that does not come fails the test."""


class LiveClient:
    """Commands go to the process; its events are collected by the number of their command."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._numbers = 0
        self._arrived: queue.Queue[dict[str, Any]] = queue.Queue()
        self.events: list[dict[str, Any]] = []
        threading.Thread(target=self._read, daemon=True).start()

    def command(self, command: str, **fields: Any) -> int:
        """Send a command; its number."""
        self._numbers += 1
        line = json.dumps({"command": command, "number": self._numbers, **fields})
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._numbers

    def subscribe(self, path: str, **args: Any) -> int:
        return self.command("subscribe", path=path, args=args)

    def start_call(self, kind: str, path: str, **args: Any) -> int:
        return self.command("call", kind=kind, path=path, args=args)

    def call(self, kind: str, path: str, **args: Any) -> Any:
        """The value of a call that succeeds."""
        event = self.outcome(self.start_call(kind, path, **args))
        assert "value" in event, event
        return event["value"]

    def fetch(self, url: str, *, body: bytes | None = None, **headers: str) -> dict[str, Any]:
        """Fetch an address, or post to it; ``body`` of the answer is bytes."""
        fields: dict[str, Any] = {"url": url, "headers": headers}
        if body is not None:
            fields |= {"method": "POST", "body": base64.b64encode(body).decode()}
        event = self.outcome(self.command("fetch", **fields))
        return {**event, "body": base64.b64decode(event["body"])}

    def outcome(self, number: int) -> dict[str, Any]:
        """The first event of a command."""
        self.until(lambda: bool(self.of(number)))
        return self.of(number)[0]

    def of(self, number: int) -> list[dict[str, Any]]:
        return [event for event in self.events if event["number"] == number]

    def values(self, number: int) -> list[Any]:
        """What a subscription got so far."""
        return [event.get("value") for event in self.of(number)]

    def until_value(self, number: int, value: Any) -> None:
        self.until(lambda: bool(self.of(number)) and self.values(number)[-1] == value)

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that events bring about."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            try:
                event = self._arrived.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"it did not happen: {self.events[-20:]}") from None
            assert event["number"] != -1, event
            self.events.append(event)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._arrived.put(json.loads(line))


@contextlib.contextmanager
def live_client(url: str, *, speed: int = 1) -> Iterator[LiveClient]:
    """A client for the length of the block, whose timers run ``speed`` times as fast."""
    process = subprocess.Popen(
        ["node", "live_driver.mjs", url, str(speed)],
        cwd=npm_folder(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield LiveClient(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
