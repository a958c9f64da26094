"""The tests that projects of the corpus bring with them: ``calls.json``.

It lists calls in order, each with what it gives. ``"$name"`` stands for text that is not known
before, such as an id: where a call gives it first, it takes its value, and has it from then on.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from tests.support.backends import serve

_FILE: Final = "calls.json"


def has_calls(root: Path) -> bool:
    """Whether a project brings tests."""
    return (root / _FILE).exists()


def make_calls(root: Path, dist: Path) -> None:
    """Serve a backend that was built from a project, and call what the project says."""
    names: dict[str, Any] = {}
    # The variables that projects declare.
    with serve(dist, MODE="live", PROVIDER_URL="-", PROVIDER_KEY="-", WEBHOOK_SECRET="-") as server:
        for call in json.loads((root / _FILE).read_text(encoding="utf-8")):
            args = _filled(call["args"], names)
            answer = server.call(call["kind"], call["path"], admin=True, **args)
            expected = call["gives"]
            if isinstance(expected, str) and expected.startswith("$"):
                assert isinstance(answer, str), call
                expected = names.setdefault(expected, answer)
            assert answer == expected, call


def _filled(value: Any, names: dict[str, Any]) -> Any:
    match value:
        case dict():
            return {key: _filled(entry, names) for key, entry in value.items()}
        case list():
            return [_filled(entry, names) for entry in value]
        case str() if value.startswith("$"):
            return names[value]
        case _:
            return value
