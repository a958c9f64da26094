"""The import statements of a module as text: where they stand and where a name is added."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, NamedTuple

from convexity_compiler.records import replace
from convexity_compiler.rules.editing import insert_after, insert_before
from convexity_compiler.span import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convexity_compiler.diagnostics.model import Edit
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.summary.model import ImportSummary, ModuleSummary

_START = re.compile(r"(?:from|import)\b")
_CLOSING = re.compile(r"(?:[\s,]|#[^\n]*\n)*\)")


class _Statement(NamedTuple):
    key: tuple[int, str]
    first_line: int
    last_line: int


def extend_statement(
    project: LinkedProject, module: str, neighbours: Sequence[ImportSummary], name: str
) -> Edit:
    """Add a name to the statement that imports ``neighbours``, where sorted names have it."""
    lines = project.modules[module].lines
    following = [entry for entry in neighbours if _name_key(entry.name or "") > _name_key(name)]
    place = following[0].span if following else neighbours[-1].span
    indentation = lines[place.line - 1][: place.column - 1]
    # One name per line, or several on one.
    gap = " " if indentation.strip() else f"\n{indentation}"
    edit = (
        insert_before(project, module, place, f"{name},{gap}")
        if following
        else insert_after(project, module, place, f",{gap}{name}")
    )
    return replace(edit, shared=True)


def add_statement(
    project: LinkedProject, module: str, source: str, names: Sequence[str]
) -> Edit | None:
    """Add ``from source import names`` among the imports of a module, where sorted ones have it.

    None where no import stands at the top level, or a line that continues hides where one ends.
    """
    statements = _statements(project.modules[module])
    if not statements:
        return None
    key = _module_key(source)
    text = f"from {source} import {', '.join(sorted(names, key=_name_key))}\n"
    following = [entry for entry in statements if entry.key > key]
    if following:
        first = following[0]
        alone = all(entry.key[0] != key[0] for entry in statements)
        place = Span(first.first_line, 1, first.first_line, 1)
        text += "\n" if alone else ""
    else:
        last = statements[-1]
        place = Span(last.last_line + 1, 1, last.last_line + 1, 1)
        text = ("" if last.key[0] == key[0] else "\n") + text
    if place.line > len(project.modules[module].lines):
        return None  # the last line has no end
    return replace(insert_before(project, module, place, text), shared=True)


def _statements(module: ModuleSummary) -> list[_Statement]:
    """The import statements at the top level that begin a line of their own, in order."""
    found: dict[int, _Statement] = {}
    for entry in module.imports:
        if entry.scope != "module":
            continue
        line = entry.span.line
        while line > 0 and not _START.match(module.lines[line - 1]):
            line -= 1
        if line == 0:
            continue
        source = "." * entry.level + entry.module
        last_line = _last_line(module, entry, line)
        known = found.get(line)
        if known is None or known.last_line < last_line:
            found[line] = _Statement(_module_key(source), line, last_line)
    return list(found.values())


def _last_line(module: ModuleSummary, entry: ImportSummary, first_line: int) -> int:
    """Last line of the statement that an imported name stands in, if the name is its last."""
    before = "\n".join(module.lines[first_line - 1 : entry.span.line])
    line, column = entry.span[2:]
    if "(" not in before:
        while module.lines[line - 1].endswith("\\"):
            line += 1
        return line
    rest = "\n".join([module.lines[line - 1][column - 1 :], *module.lines[line:]])
    closing = _CLOSING.match(rest)
    return line + closing[0].count("\n") if closing else line


def _module_key(source: str) -> tuple[int, str]:
    """Order of imports: the future, the standard library, packages, the project from afar."""
    if source.startswith("."):
        level = len(source) - len(source.lstrip("."))
        return 3, f"{9 - min(level, 9)}{source}"
    top = source.partition(".")[0]
    if top == "__future__":
        return 0, source
    return (1 if top in sys.stdlib_module_names else 2), source


def _name_key(name: str) -> tuple[int, str]:
    """Order of names: constants, classes, all others."""
    if name.isupper() and len(name) > 1:
        return 0, name
    return (1 if name[:1].isupper() else 2), name
