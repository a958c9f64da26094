"""Log lines of functions: ``print`` and ``logging``, captured per call.

A line reads ``[LEVEL] 'text' 1.0``: strings quoted as in JavaScript, other values by ``repr``.
"""

from __future__ import annotations

import builtins
import logging
import sys
from collections import Counter
from collections.abc import Collection
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
        self.append(_truncated(f"[{level}] {text}"))

    def extend(self, other: LogBuffer) -> None:
        """Append the lines of another buffer."""
        for line in other.lines:
            self.append(line)

    def append(self, line: str) -> None:
        """Append a line as it is, if there is room."""
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
    shown = text.translate(_SHOWN)
    return mark + (shown.replace("'", "\\'") if mark == "'" else shown) + mark


_SHOWN: Final = {
    **{code: f"\\x{code:02X}" for code in (*range(0x20), 0x7F)},
    **str.maketrans(_ESCAPES),
}


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

    def __init__(self) -> None:
        super().__init__()
        self.packages: Counter[str] = Counter()
        """How many captures of each package have started."""

    def emit(self, record: logging.LogRecord) -> None:
        """Add the record to the running function's log lines."""
        buffer = current_logs.get()
        if buffer is not None and self._concerns_functions(record):
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

    def _concerns_functions(self, record: logging.LogRecord) -> bool:
        """Whether it is a warning, or the project's own: a library's chatter may hold secrets."""
        own = record.name.partition(".")[0] in self.packages
        return own or record.levelno >= logging.WARNING


_original_print = builtins.print
_handler: Final = _FunctionLogHandler()
_lowered: Final[set[str]] = set()
"""Packages whose logger had no threshold of its own before."""


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
    if sep not in (" ", None):
        values = (sep.join(map(str, values)),)
    buffer.add("ERROR" if file is not None and file is sys.stderr else "LOG", values)


class LogCapture:
    """Between :meth:`start` and :meth:`stop`, ``print`` and loggers know of running functions.

    A function's log lines are what it prints, what the loggers of the project's own package
    (``logging.getLogger(__name__)``) log from ``INFO`` on unless they have another threshold, and
    what any logger logs from ``WARNING`` on.
    """

    def __init__(self, packages: Collection[str]) -> None:
        """Take the names of the project's own packages; nothing changes yet."""
        self._packages = tuple(packages)

    def start(self) -> None:
        """Begin to capture; several captures may overlap."""
        if not _handler.packages:
            builtins.print = _print  # type: ignore[assignment]
            logging.root.addHandler(_handler)
        for package in self._packages:
            logger = logging.getLogger(package)
            if logger.level == logging.NOTSET:
                logger.setLevel(logging.INFO)
                _lowered.add(package)
        _handler.packages.update(self._packages)

    def stop(self) -> None:
        """Undo what :meth:`start` changed."""
        _handler.packages -= Counter(self._packages)
        for package in self._packages:
            if package in _lowered and package not in _handler.packages:
                logging.getLogger(package).setLevel(logging.NOTSET)
                _lowered.remove(package)
        if not _handler.packages:
            logging.root.removeHandler(_handler)
            if builtins.print is _print:
                builtins.print = _original_print
