"""The answer to a mutation as it is kept for a client that asks again (wire-protocol 3.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convexity.values.compiled import CompiledValidator


def recorded_text(returns: CompiledValidator, value: Any, log_lines: Sequence[str]) -> str:
    """JSON of what a mutation returned and logged."""
    lines = [line.encode("utf-8", "replace").decode() for line in log_lines]
    text = b'{"value":' + returns.encode(value) + b',"logLines":' + orjson.dumps(lines) + b"}"
    return text.decode()


def read_recorded(text: str) -> tuple[bytes, tuple[str, ...]]:
    """The JSON of the value, and the log lines, that :func:`recorded_text` was given."""
    tree = orjson.loads(text)
    return orjson.dumps(tree["value"]), tuple(tree["logLines"])
