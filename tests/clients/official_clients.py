"""The official HTTP clients behind one interface, so that one scenario runs through both."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from convex import ConvexError
from convex.http_client import ConvexExecutionError, ConvexHttpClient
from convex.values import convex_to_json, json_to_convex

FOLDER = Path(__file__).parent


class CallFailedError(Exception):
    """A function failed without data for the client."""


class CallRefusedError(Exception):
    """A function raised ``ConvexError``."""

    def __init__(self, data: object) -> None:
        super().__init__(repr(data))
        self.data = data


class Client(Protocol):
    """What a scenario needs. Values are those of the Python client."""

    def call(self, kind: str, path: str, args: dict[str, Any], /) -> Any: ...

    def act_as_admin(self, key: str, /) -> None: ...

    def sign_in(self, token: str, /) -> None: ...


class PythonClient:
    """PyPI ``convex``."""

    def __init__(self, url: str) -> None:
        self._client = ConvexHttpClient(url)

    def call(self, kind: str, path: str, args: dict[str, Any], /) -> Any:
        try:
            return getattr(self._client, kind)(path, args)
        except ConvexError as error:
            raise CallRefusedError(error.data) from error
        except ConvexExecutionError as error:
            raise CallFailedError(str(error)) from error

    def act_as_admin(self, key: str, /) -> None:
        self._client.set_admin_auth(key)

    def sign_in(self, token: str, /) -> None:
        self._client.set_auth(token)


class NpmClient:
    """npm ``convex`` in a node process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._admin: str | None = None
        self._token: str | None = None

    def call(self, kind: str, path: str, args: dict[str, Any], /) -> Any:
        answer = self.call_encoded(kind, path, convex_to_json(args))
        if "data" in answer:
            raise CallRefusedError(_as_python(answer["data"]))
        if "value" not in answer:
            raise CallFailedError(answer["message"])
        return _as_python(answer["value"])

    def call_encoded(self, kind: str, path: str, args: Any, /) -> dict[str, Any]:
        """The answer of the driver; arguments and result in Convex's JSON."""
        request = {
            "kind": kind,
            "path": path,
            "args": args,
            "admin": self._admin,
            "token": self._token,
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def act_as_admin(self, key: str, /) -> None:
        self._admin = key

    def sign_in(self, token: str, /) -> None:
        self._token = token


def _as_python(tree: Any) -> Any:
    """Decode what JavaScript wrote: its numbers have no decimal point."""
    return json_to_convex(json.loads(json.dumps(tree), parse_int=float))


def npm_folder() -> Path:
    """The folder with the npm packages; without them the test is skipped."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    if not (FOLDER / "node_modules" / "convex").exists():
        pytest.skip("no npm packages: run `make tests/clients/node_modules`")
    return FOLDER


@contextlib.contextmanager
def npm_client(url: str) -> Iterator[NpmClient]:
    """An npm client for the length of the block."""
    process = subprocess.Popen(
        ["node", "http_driver.mjs", url],
        cwd=npm_folder(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield NpmClient(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=60)
