"""Calling a backend over HTTP (wire-protocol 2)."""

from __future__ import annotations

import base64
import http.client
import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from convexity.values.limits import MAX_ACTION_TIME

from convexity_compiler.cli.errors import CommandError

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T")

_PIECE = 1 << 20
"""Bytes of a file that are held at once."""

TIMEOUT_SECONDS = MAX_ACTION_TIME + 60
"""The longest that a function may take, and some time for the answer."""
KEY_HELP = "give the key of this backend with --admin-key or CONVEXITY_ADMIN_KEY"

_REFERENCE = re.compile(r"(?:api|internal)((?:\.[A-Za-z_]\w*){2,})")
_PATH = re.compile(r"(?P<module>[\w/]+?)(?:\.py)?:(?P<name>[A-Za-z_]\w*)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call brought: a value, or an error with its data if it was a ConvexError."""

    value: Any = None
    error: str | None = None
    error_data: Any = None
    log_lines: list[str] = field(default_factory=list)


def wire_path(text: str, functions: str) -> str:
    """Return the wire path that a user's spelling means.

    Accepted are ``api.a.f``, ``internal.a.f``, ``a/b:f``, ``a/b.py:f`` and ``convex/a/b.py:f`` with
    the name of the functions folder in front. Raises CommandError for anything else.
    """
    reference = _REFERENCE.fullmatch(text)
    if reference:
        *module, name = reference[1].lstrip(".").split(".")
        return f"{'/'.join(module)}:{name}"
    path = _PATH.fullmatch(text)
    if path is None or path["module"].startswith("/"):
        raise CommandError(
            f"`{text}` names no function",
            help_text="write `api.messages.list`, `messages:list` or"
            f" `{functions}/messages.py:list`",
        )
    return f"{path['module'].removeprefix(f'{functions}/')}:{path['name']}"


def require_http(url: str) -> None:
    """Raise CommandError unless ``url`` is an HTTP address."""
    if not url.startswith(("http://", "https://")):
        raise CommandError(f"`{url}` is not an HTTP address", help_text="begin it with http://")
    try:
        urlsplit(url)
    except ValueError as error:
        raise CommandError(f"`{url}` is not an HTTP address: {error}") from None


def accepted(url: str, admin_keys: list[str]) -> str | None:
    """Return the first key that the backend at ``url`` accepts; None if it accepts none."""
    for key in admin_keys:
        request = urllib.request.Request(
            f"{url.rstrip('/')}/api/check_admin_key", headers={"Authorization": f"Convex {key}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):
                return key
        except (OSError, http.client.HTTPException):
            continue
    return None


def acting_as(admin_key: str, user: dict[str, Any]) -> str:
    """Return an admin key with which functions see ``user`` as their caller."""
    return f"{admin_key}:{base64.b64encode(json.dumps(user).encode()).decode('ascii')}"


def call(
    url: str,
    admin_key: str | None,
    path: str,
    args: dict[str, Any],
    *,
    value_format: str = "export_json",
    component: str = "",
) -> Outcome:
    """Run a function on the backend at ``url``: any with its key, without one a public function.

    ``component`` is the path of the component that has it; that takes the key.

    Raises CommandError when the backend cannot be reached or refuses the request.
    """
    body: dict[str, Any] = {"args": args, "format": value_format}
    headers = {"Content-Type": "application/json"}
    endpoint = f"run/{path.replace(':', '/')}"
    if admin_key is not None:
        headers["Authorization"] = f"Convex {admin_key}"
        endpoint = "function"
        body |= {"path": path, **({"componentPath": component} if component else {})}
    request = urllib.request.Request(
        f"{url.rstrip('/')}/api/{endpoint}", data=json.dumps(body).encode(), headers=headers
    )
    return _answered(url, request, lambda text: _outcome(json.loads(text)))


def function_paths(url: str, admin_key: str, component: str = "") -> list[str]:
    """Return the wire paths of the functions of the backend at ``url``, or of a component there;
    none if it does not tell.

    Raises CommandError when the backend cannot be reached or refuses the request.
    """
    described = call(url, admin_key, "_system/cli/modules:apiSpec", {}, component=component).value
    if not isinstance(described, list):
        return []
    return [
        entry["identifier"].replace(".js:", ":")
        for entry in described
        if isinstance(entry, dict) and isinstance(entry.get("identifier"), str)
    ]


def get(url: str, admin_key: str | None, path: str) -> Any:
    """What the backend at ``url`` answers at ``path``: JSON, or the text of what is none.

    Raises CommandError when the backend cannot be reached or refuses the request.
    """
    headers = {} if admin_key is None else {"Authorization": f"Convex {admin_key}"}
    request = urllib.request.Request(f"{url.rstrip('/')}/{path}", headers=headers)
    return _answered(url, request, json.loads if path.startswith("api/") else bytes.decode)


def post(url: str, admin_key: str, path: str, body: Any) -> bytes:
    """What the backend at ``url`` answers to a JSON body that is sent to ``path``.

    Raises CommandError when the backend cannot be reached or refuses the request.
    """
    headers = {"Content-Type": "application/json", "Authorization": f"Convex {admin_key}"}
    request = urllib.request.Request(
        f"{url.rstrip('/')}/{path}", data=json.dumps(body).encode(), headers=headers
    )
    return _answered(url, request, bytes)


def download(url: str, admin_key: str, path: str, target: Path) -> int:
    """Write what the backend at ``url`` sends into a file, all of it or nothing; its size.

    Raises CommandError when the backend cannot be reached or refuses the request, what it sends
    breaks off, or the file cannot be written.
    """
    request = _request(url, admin_key, path)
    temporary = target.with_name(f".{target.name}.tmp")

    def save(response: http.client.HTTPResponse) -> int:
        size = 0
        with _written(target, lambda: temporary.open("wb")) as file:
            while piece := response.read(_PIECE):
                size += _written(target, partial(file.write, piece))
        return size

    try:
        size = _exchanged(url, request, save)
        _written(target, lambda: temporary.replace(target))
    finally:
        temporary.unlink(missing_ok=True)
    return size


def _written(target: Path, work: Callable[[], T]) -> T:
    """What ``work`` does to a file.

    Raises CommandError when it cannot.
    """
    try:
        return work()
    except OSError as error:
        raise CommandError(f"{target} cannot be written: {error.strerror or error}") from None


def upload(url: str, admin_key: str, path: str, source: Path) -> Any:
    """Send a file to the backend at ``url``; its JSON answer.

    Raises CommandError when the backend cannot be reached or refuses the request.
    """
    with source.open("rb") as file:
        request = _request(url, admin_key, path)
        request.data = file
        request.add_header("Content-Type", "application/octet-stream")
        request.add_header("Content-Length", str(source.stat().st_size))
        return _exchanged(url, request, lambda response: json.loads(response.read()))


def _request(url: str, admin_key: str, path: str) -> urllib.request.Request:
    headers = {"Authorization": f"Convex {admin_key}"}
    return urllib.request.Request(f"{url.rstrip('/')}/{path}", headers=headers)


def _answered(url: str, request: urllib.request.Request, read: Callable[[bytes], T]) -> T:
    return _exchanged(url, request, lambda response: read(response.read()))


def _exchanged(
    url: str, request: urllib.request.Request, read: Callable[[http.client.HTTPResponse], T]
) -> T:
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
            return read(response)
    except urllib.error.HTTPError as error:
        raise _refusal(url, error) from None
    except OSError as error:
        reason = getattr(error, "reason", error)
        raise CommandError(
            f"no backend answers at {url}: {reason}",
            help_text="start it with `convexity dev`, or give its address with --url",
        ) from None
    except (http.client.HTTPException, ValueError):
        raise CommandError(f"what answers at {url} is not a convexity backend") from None


def _outcome(body: Any) -> Outcome:
    """Read an answer.

    Raises ValueError when it is none of a backend.
    """
    if not isinstance(body, dict) or body.get("status") not in ("success", "error"):
        raise ValueError("an answer has a status")
    log_lines = body.get("logLines", [])
    if not isinstance(log_lines, list) or (body["status"] == "success" and "value" not in body):
        raise ValueError("log lines are an array, and a success has a value")
    if body["status"] == "success":
        return Outcome(value=body["value"], log_lines=log_lines)
    return Outcome(
        error=body.get("errorMessage", "the backend gave no reason"),
        error_data=body.get("errorData"),
        log_lines=log_lines,
    )


def _refusal(url: str, error: urllib.error.HTTPError) -> CommandError:
    text = error.read().decode(errors="replace")
    try:
        reply = json.loads(text)
        reason = f"{reply['code']}: {reply['message']}"
    except (ValueError, KeyError, TypeError):
        reason = text.strip() or error.reason
    help_text = ""
    if error.code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        help_text = KEY_HELP
    return CommandError(f"{url} answered {error.code}, {reason}", help_text=help_text)
