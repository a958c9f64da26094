"""Log lines of functions: ``print`` and ``logging``, captured per call.

A line reads ``[LEVEL] 'text' 1.0``: strings quoted as in JavaScript, other values by ``repr``.
"""

from __future__ import annotations

import builtins
import logging
import sys
from contextvars import ContextVar
from typing import IO, Any, Final, Literal, TypeAlias

from convexity.values import limits

LogLevel: TypeAlias = Literal["DEBUG", "LOG", "INFO", "WARN", "ERROR"]

_TRUNCATED: Final = " (truncated due to length)"
_OVERFLOW: Final = (
    f"[ERROR] Log overflow (maximum {limits.MAX_LOG_LINES}). Remaining log lines omitted."
)
_ESCAPES: Final = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_LEVELS: Final[tuple[tuple[int, LogLevel], ...]] = (
    (logging.ERROR, "ERROR"),
    (logging.WARNING, "WARN"),
    (logging.INFO, "INFO"),
)


class LogBuffer:
    """The log lines of one call, within the limits of wire-protocol 10."""

    __slots__ = ("lines",)

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, level: LogLevel, values: tuple[object, ...]) -> None:
        """Append a line that shows ``values``."""
        self.add_text(level, " ".join(map(show, values)))

    def add_text(self, level: LogLevel, text: str) -> None:
        """Append a line; the last one that fits says that more were omitted."""
        self._append(_truncated(f"[{level}] {text}"))

    def extend(self, other: LogBuffer) -> None:
        """Append the lines of another buffer."""
        for line in other.lines:
            self._append(line)

    def _append(self, line: str) -> None:
        if len(self.lines) < limits.MAX_LOG_LINES - 1:
            self.lines.append(line)
        elif len(self.lines) < limits.MAX_LOG_LINES:
            self.lines.append(_OVERFLOW)


current_logs: ContextVar[LogBuffer | None] = ContextVar("convexity_logs", default=None)
"""Where the running function logs to; ``None`` outside of functions."""


def show(value: object) -> str:
    """A value as a log line shows it."""
    return quote(value) if isinstance(value, str) else repr(value)


def quote(text: str) -> str:
    """A string as JavaScript's inspection prints it: the first kind of quote it does not hold."""
    mark = next((mark for mark in "'\"`" if mark not in text), "'")
    shown = "".join(_ESCAPES.get(character) or _printable(character) for character in text)
    return mark + (shown.replace("'", "\\'") if mark == "'" else shown) + mark


def _printable(character: str) -> str:
    return f"\\x{ord(character):02X}" if character < " " or character == "\x7f" else character


def _truncated(line: str) -> str:
    encoded = line.encode("utf-8", "replace")
    if len(encoded) <= limits.MAX_LOG_LINE_LENGTH:
        return line
    keep = limits.MAX_LOG_LINE_LENGTH - len(_TRUNCATED)
    return encoded[:keep].decode("utf-8", "ignore") + _TRUNCATED


def _level_of(record: logging.LogRecord) -> LogLevel:
    for floor, level in _LEVELS:
        if record.levelno >= floor:
            return level
    return "DEBUG"


class _FunctionLogHandler(logging.Handler):
    """Sends records to the running function, others to where they would have gone."""

    def emit(self, record: logging.LogRecord) -> None:
        """Add the record to the running function's log lines."""
        buffer = current_logs.get()
        if buffer is not None:
            try:
                text = self.format(record)
            except Exception:
                self.handleError(record)
            else:
                buffer.add(_level_of(record), (text,))
            return
        last_resort = logging.lastResort
        is_alone = logging.root.handlers == [self]
        if is_alone and last_resort is not None and record.levelno >= last_resort.level:
            last_resort.handle(record)


_original_print = builtins.print
_handler: Final = _FunctionLogHandler()


def _print(
    *values: object,
    sep: str | None = " ",
    end: str | None = "\n",
    file: IO[str] | None = None,
    flush: bool = False,
) -> None:
    buffer = current_logs.get()
    if buffer is None or (file is not None and file not in (sys.stdout, sys.stderr)):
        arguments: dict[str, Any] = {"sep": sep, "end": end, "file": file, "flush": flush}
        _original_print(*values, **arguments)
        return
    buffer.add("ERROR" if file is not None and file is sys.stderr else "LOG", values)


def install_log_capture() -> None:
    """Let ``print`` and the root logger know about running functions; more calls change nothing.

    The root logger's default threshold would drop ``logging.info``; it is lowered to INFO unless
    the application set another.
    """
    builtins.print = _print  # type: ignore[assignment]
    if _handler not in logging.root.handlers:
        logging.root.addHandler(_handler)
        if logging.root.level == logging.WARNING:
            logging.root.setLevel(logging.INFO)
