"""The server's own log on standard error: lines for people, or one JSON object per line."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias

import orjson

LogFormat: TypeAlias = Literal["text", "json"]
LOG_FORMATS: Final[tuple[LogFormat, ...]] = ("text", "json")

_FIELDS: Final = "convexity_fields"
"""Attribute of a record with what JSON shows beside the message."""
_log: Final = logging.getLogger("convexity.server_log")
_OWN: Final = ("convexity", "uvicorn")
"""Loggers of the server, whose records of other levels than the usual are of use too."""


class _StandardError(logging.StreamHandler[Any]):
    """Writes to what standard error is at the time."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> Any:
        """Standard error."""
        return sys.stderr


class _JsonFormatter(logging.Formatter):
    """One JSON object per record, on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object."""
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": _valid(record.getMessage()),
            **getattr(record, _FIELDS, {}),
        }
        if record.name != _log.name:
            entry["logger"] = record.name
        if record.exc_info:
            entry["exception"] = _valid(self.formatException(record.exc_info))
        return orjson.dumps(entry, default=repr).decode()


_handler: Final = _StandardError()
_log.addHandler(_handler)
_log.setLevel(logging.INFO)
_log.propagate = False


def configure(chosen: LogFormat, is_captured: Callable[[], bool]) -> None:
    """Choose how the log of this process looks.

    Args:
        chosen: ``json`` concerns the loggers of the server and of libraries too.
        is_captured: Tells whether what is logged now is a log line of a running function.
    """
    for name in ("", *_OWN):
        logger = logging.getLogger(name)
        for handler in list(logger.handlers):
            if isinstance(handler, _StandardError):
                logger.removeHandler(handler)
    if chosen == "text":
        _handler.setFormatter(None)
        return
    _handler.setFormatter(_JsonFormatter())
    others = _StandardError()
    others.setFormatter(_JsonFormatter())
    others.addFilter(lambda _record: not is_captured())
    logging.root.addHandler(others)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True


def is_json() -> bool:
    """Whether the log is JSON."""
    return isinstance(_handler.formatter, _JsonFormatter)


def say(message: str) -> None:
    """Write a message about the server."""
    _log.info(message)


def complain(message: str) -> None:
    """Write that something failed."""
    _log.error(message)


def complain_of(message: str, error: BaseException) -> None:
    """Write that something failed in a way that is a bug, with its traceback."""
    _log.error(message, exc_info=(type(error), error, error.__traceback__))


def tell(text: str, message: str, fields: Mapping[str, object], *, failed: bool = False) -> None:
    """Write what happened to a function.

    Args:
        text: What people read; nothing, when only JSON has it.
        message: What it is, for JSON.
        fields: Further fields, for JSON.
        failed: Whether it is about a failure.
    """
    level = logging.ERROR if failed else logging.INFO
    if is_json():
        shown = {name: _valid(f) if isinstance(f, str) else f for name, f in fields.items()}
        _log.log(level, message, extra={_FIELDS: shown})
    elif text:
        _log.log(level, "%s", _valid(text))


def _valid(text: str) -> str:
    """``text`` without lone surrogates, which have no UTF-8 form."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
