"""mypy's findings among ours, for ``convexity check --types``."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from convexity_compiler.cli.errors import CommandError
from convexity_compiler.diagnostics.model import TYPE_CHECKER, Diagnostic
from convexity_compiler.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.config import Config, Severity

_DAEMON_STATUS: Final = ".dmypy.json"
"""File that mypy's daemon keeps in the folder it was started in."""
_TEXT = re.compile(
    r"(?P<file>[^:\n]+):(?P<line>\d+):(?:(?P<column>\d+):)?(?:(?P<end_line>\d+):(?P<end_column>\d+):)?"
    r" (?P<severity>error|note): (?P<message>.*?)(?:  \[(?P<code>[\w-]+)\])?"
)
"""A line of a daemon whose settings do not ask for JSON."""
_SYNTAX = "syntax"
"""mypy's code for what our rule syntax-error reports."""


class TypeCheck:
    """A run of mypy over the functions of a project, while something else goes on."""

    def __init__(self, config: Config) -> None:
        """Start it: mypy's daemon where it runs for the project, else mypy itself.

        The settings of mypy are the project's own. Raises CommandError when there is no mypy.
        """
        self._config = config
        arguments = _daemon(config) or [
            *_program("mypy"),
            "--output",
            "json",
            "--show-error-end",
            config.functions,
        ]
        self._process = subprocess.Popen(
            arguments,
            cwd=config.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        """End it, should nobody have waited for it."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()

    def findings(self) -> list[Diagnostic]:
        """Wait for the end and return what was found, but for errors of syntax, which are ours.

        Raises CommandError when mypy cannot do its work.
        """
        output, errors = self._process.communicate()
        records = list(_records(output))
        if self._process.returncode not in (0, 1) and not records:
            reason = (errors.strip() or output.strip()).partition("\n")[0]
            raise CommandError(
                f"mypy failed: {reason}",
                help_text=f"run `mypy {self._config.functions}` in {self._config.root} to see more",
            )
        return list(self._diagnostics(records))

    def _diagnostics(self, records: list[dict[str, Any]]) -> Iterator[Diagnostic]:
        for record in records:
            code = record["code"] or "misc"
            if code == _SYNTAX:
                continue
            path = Path(self._config.root, record["file"])
            if path.is_relative_to(self._config.root):
                path = path.relative_to(self._config.root)
            severity: Severity = "error" if record["severity"] == "error" else "info"
            rule = f"{TYPE_CHECKER}{code}"
            if rule in self._config.ignore:
                continue
            yield Diagnostic(
                rule=rule,
                code=rule,
                severity=self._config.severity.get(rule, severity),
                category="correctness",
                path=path.as_posix(),
                span=_span(record),
                message=record["message"],
                help=" ".join((record.get("hint") or "").split("\n")),
            )


def _daemon(config: Config) -> list[str] | None:
    """The command that asks the daemon of a project; None when none runs."""
    if not (config.root / _DAEMON_STATUS).exists():
        return None
    program = _program("mypy.dmypy")
    status = subprocess.run([*program, "status"], cwd=config.root, capture_output=True, check=False)
    return None if status.returncode else [*program, "check", config.functions]


def _program(module: str) -> list[str]:
    """The command for a program of mypy: that of this environment, or else that of the shell."""
    if find_spec("mypy") is not None:
        return [sys.executable, "-m", module]
    found = shutil.which(module.rpartition(".")[2])
    if found is None:
        raise CommandError(
            "--types needs mypy, which is not installed",
            help_text="`pip install mypy` into the environment of convexity, or of your shell",
        )
    return [found]


def _records(output: str) -> Iterator[dict[str, Any]]:
    """What mypy reports, as in its JSON form; other lines, such as its summary, are left out."""
    for line in output.split("\n"):
        if line.startswith("{"):
            yield json.loads(line)
        elif match := _TEXT.fullmatch(line):
            yield match.groupdict()


def _span(record: dict[str, Any]) -> Span:
    """Place of a record: lines count from 1; columns from 0 in JSON, and from 1 in text."""
    line = max(int(record["line"]), 1)
    is_text = isinstance(record["line"], str)
    column = int(record["column"] or 0) + (0 if is_text and record["column"] else 1)
    end_line = int(record.get("end_line") or line)
    end_column = int(record.get("end_column") or 0) + 1
    if end_line < line or (end_line == line and end_column <= column):
        end_line, end_column = line, column
    return Span(line, max(column, 1), end_line, end_column)
