"""Calling a backend over HTTP (wire-protocol 2)."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from convexity_compiler.cli.errors import CommandError

TIMEOUT_SECONDS = 600
"""Longer than any action may take."""

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


def accepted(url: str, admin_keys: list[str]) -> str:
    """Return the first key the backend at ``url`` accepts; the last one if it accepts none."""
    *others, last = admin_keys
    for key in others:
        request = urllib.request.Request(
            f"{url.rstrip('/')}/api/check_admin_key", headers={"Authorization": f"Convex {key}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):
                return key
        except (urllib.error.URLError, OSError):
            continue
    return last


def call(url: str, admin_key: str, path: str, args: dict[str, Any]) -> Outcome:
    """Run a function of any kind and visibility on the backend at ``url``.

    Raises CommandError when the backend cannot be reached or refuses the request.
    """
    if not url.startswith(("http://", "https://")):
        raise CommandError(f"`{url}` is not an HTTP address", help_text="begin it with http://")
    request = urllib.request.Request(
        f"{url.rstrip('/')}/api/function",
        data=json.dumps({"path": path, "args": args, "format": "json"}).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Convex {admin_key}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
            body = json.load(response)
    except urllib.error.HTTPError as error:
        raise _refusal(url, error) from None
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", error)
        raise CommandError(
            f"no backend answers at {url}: {reason}",
            help_text="start it with `convexity dev`, or give its address with --url",
        ) from None
    except json.JSONDecodeError:
        raise CommandError(f"what answers at {url} is not a convexity backend") from None
    log_lines = body.get("logLines", [])
    if body.get("status") == "success":
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
        help_text = "give the key of this backend with --admin-key or CONVEXITY_ADMIN_KEY"
    return CommandError(f"{url} answered {error.code}, {reason}", help_text=help_text)
