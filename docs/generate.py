"""Write the pages of ``docs/reference`` that come from code: ``python docs/generate.py``.

``tests/docs`` compares them, so that they cannot fall behind.
"""

from __future__ import annotations

import ast
import inspect
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import click
from convexity.values import limits
from convexity_compiler.cli import main

REFERENCE = Path(__file__).resolve().parent / "reference"
RUNTIME = Path(limits.__file__).parents[1]

_CLI_INTRODUCTION = """\
Every command finds its project from the current folder upwards: the nearest `pyproject.toml` with
`[tool.convexity]`, or the nearest folder that holds `convex/`. Results go to stdout, messages to
stderr. Exit codes: 0 for success, 1 for findings or a function that failed, 2 when the command
could not do its work.
"""
_LIMITS_INTRODUCTION = """\
They are those of Convex, so that a project can move either way. Sizes of values count 1 byte for
null and booleans, 9 for numbers, 2 plus their content for strings, bytes, arrays and objects. What
a transaction reads and writes is measured by the JSON texts of the documents.
Names such as `TooManyReads` are Convex's error codes. _Not used yet_ marks limits of what this
version cannot run, or does not enforce: see [Status](../status.md).
"""
_UNITS = (("_TIME", "s"), ("_BACKOFF", "s"), ("_RETENTION", "s"), ("_VALIDITY", "s"))
_SECTION = re.compile(r"^# (?P<title>[^:]+): (?P<source>.+)\.$")


@dataclass(frozen=True)
class Limit:
    """A constant of ``convexity.values.limits``."""

    name: str
    section: str
    meaning: str

    @property
    def value(self) -> str:
        """The value with its unit."""
        value: float = getattr(limits, self.name)
        if self.name.endswith("_DAYS"):
            return f"{value:,} days"
        if isinstance(value, int):
            whole, rest = divmod(value, 2**20)
            mebibytes = f"{whole} MiB" + (f" + {rest:,} bytes" if rest else "")
            return mebibytes if whole else f"{value:,}"
        unit = next((unit for ending, unit in _UNITS if self.name.endswith(ending)), "")
        return f"{value:,g} {unit}".strip()

    @property
    def is_used(self) -> bool:
        """Whether any module of the runtime refers to it."""
        return self.name in _words_of_the_runtime()


@cache
def _words_of_the_runtime() -> frozenset[str]:
    """What stands in its modules, those of the limits aside."""
    return frozenset(
        word
        for path in RUNTIME.rglob("*.py")
        if path != Path(limits.__file__)
        for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))
    )


def pages() -> dict[str, str]:
    """Return the text of each generated page by file name."""
    return {"cli.md": cli_page(), "limits.md": limits_page()}


def cli_page() -> str:
    """Describe every command and option, as click knows them."""
    context = click.Context(main, info_name="convexity")
    parts = [_generated("Command line"), _CLI_INTRODUCTION]
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        if command is not None:
            parts += _commands(command, click.Context(command, context, info_name=name))
    return "\n".join(parts)


def limits_page() -> str:
    """List the limits by section, in the order of the source."""
    parts = [_generated("Limits"), _LIMITS_INTRODUCTION]
    section = ""
    rows: list[str] = []
    for limit in _limits():
        if limit.section != section:
            section = limit.section
            rows.append(f"\n## {section}\n\n| | Limit |\n|---|---|")
        note = "" if limit.is_used else " _Not used yet._"
        rows.append(f"| {_cell(limit.meaning)}{note} | {limit.value} |")
    return "\n".join([*parts, "\n".join(rows).lstrip("\n"), ""])


def write(folder: Path) -> None:
    """Write the pages into ``folder``, each through a temporary file."""
    for name, text in pages().items():
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=folder, delete=False, suffix=".tmp"
        ) as file:
            file.write(text)
        Path(file.name).chmod(0o644)
        os.replace(file.name, folder / name)


def _commands(command: click.Command, context: click.Context) -> Iterator[str]:
    """Describe a command, and after a group its own commands."""
    yield _command(command, context)
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield _command(inner, click.Context(inner, context, info_name=name))


def _command(command: click.Command, context: click.Context) -> str:
    usage = command.get_usage(context).removeprefix("Usage: ")
    text = inspect.cleandoc(command.help or "")
    title = context.command_path.removeprefix("convexity ")
    lines = [f"## {title}", "", f"`{' '.join(usage.split())}`", "", text, ""]
    records = [
        record
        for parameter in command.get_params(context)
        if (record := parameter.get_help_record(context))
        and record[1]
        and "--help" not in record[0]
    ]
    if records:
        lines += ["| Option | |", "|---|---|"]
        lines += [f"| `{_cell(option)}` | {_cell(text)} |" for option, text in records]
        lines.append("")
    return "\n".join(lines)


def _limits() -> Iterator[Limit]:
    source = Path(limits.__file__).read_text(encoding="utf-8")
    lines = source.splitlines()
    sections = {
        number: match["title"]
        for number, line in enumerate(lines, start=1)
        if (match := _SECTION.match(line))
    }
    body = ast.parse(source).body
    for statement, following in pairwise(body):
        if not (isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)):
            continue
        if not (isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)):
            continue
        title = sections[max(number for number in sections if number < statement.lineno)]
        meaning = " ".join(str(following.value.value).replace("``", "`").split())
        yield Limit(statement.target.id, title, meaning)


def _generated(title: str) -> str:
    return f"<!-- Generated by docs/generate.py: do not edit. -->\n\n# {title}\n"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


if __name__ == "__main__":
    write(REFERENCE)
