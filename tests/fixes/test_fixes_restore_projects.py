"""What is taken out of a sound project, fixes put back: validators and annotations."""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from convexity_compiler.config import load_config
from convexity_compiler.pipeline import compile_project, load_project

from tests.compiler.references.checked_projects import generate, mypy_findings
from tests.fixes.fixed_projects import assert_sound, check, counts, fix
from tests.support.corpus import CORPUS

if TYPE_CHECKING:
    from collections.abc import Callable

TRAILING_COMMA = re.compile(r"\s*,")

Located = ast.expr | ast.arg | ast.keyword

every_style = pytest.mark.parametrize("name", ["assistant", "cms", "forum", "shop"])


def copy(root: Path, target: Path) -> Path:
    shutil.copytree(root, target, ignore=shutil.ignore_patterns("_generated", ".convexity"))
    return target


def cut(text: str, spans: list[tuple[int, int]]) -> str:
    """Remove stretches of a text."""
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + text[end:]
    return text


class Offsets:
    """Where nodes begin and end in a text, as offsets in characters."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines(keepends=True)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))

    def start(self, node: Located) -> int:
        return self._of(node.lineno, node.col_offset)

    def end(self, node: Located) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._of(node.end_lineno, node.end_col_offset)

    def _of(self, line: int, byte: int) -> int:
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:byte].decode())


def handlers(root: Path) -> dict[Path, set[str]]:
    """Names of the handlers of a project by file."""
    project = load_project(root)
    found: dict[Path, set[str]] = {}
    for function in project.functions:
        path = root / project.path_of(function.module)
        found.setdefault(path, set()).add(function.definition.name)
    return found


def without_annotations(text: str, names: set[str]) -> str:
    """Take the annotations from handlers, but those that say more than validators: `int`."""
    offsets = Offsets(text)
    spans = []
    for node in ast.parse(text).body:
        if not isinstance(node, ast.AsyncFunctionDef) or node.name not in names:
            continue
        arguments = node.args
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            if argument.annotation is not None and "int" not in ast.unparse(argument.annotation):
                start = offsets.start(argument) + len(argument.arg)
                spans.append((start, offsets.end(argument.annotation)))
        if node.returns is not None and "int" not in ast.unparse(node.returns):
            arrow = text.rindex("->", 0, offsets.start(node.returns))
            spans.append((arrow, offsets.end(node.returns)))
    return cut(text, spans)


def without_validators(text: str, names: set[str]) -> str:
    """Take `args` and `returns` from registrations that have nothing else."""
    offsets = Offsets(text)
    spans = []
    for node in ast.parse(text).body:
        if not isinstance(node, ast.AsyncFunctionDef) or node.name not in names:
            continue
        for call in node.decorator_list:
            given = call.keywords if isinstance(call, ast.Call) else []
            if given and all(entry.arg in ("args", "returns") for entry in given):
                end = offsets.end(given[-1].value)
                comma = TRAILING_COMMA.match(text, end)
                spans.append((offsets.start(given[0]), comma.end() if comma else end))
    return cut(text, spans)


def take_out(root: Path, cutter: Callable[[str, set[str]], str]) -> None:
    for path, names in handlers(root).items():
        path.write_text(cutter(path.read_text(encoding="utf-8"), names), encoding="utf-8")


@every_style
def test_annotations_come_back_from_validators(name: str, tmp_path: Path) -> None:
    target = copy(CORPUS / name, tmp_path / name)
    known = counts(check(target))
    compiled = compile_project(load_project(target))
    take_out(target, without_annotations)

    fixed = fix(target, unsafe=False)

    assert fixed.outcome.fixed
    assert counts(fixed.after) == known
    assert_sound(fixed)
    assert compile_project(load_project(target)) == compiled


@every_style
def test_validators_come_back_from_annotations(name: str, tmp_path: Path) -> None:
    """But for types that codegen makes from the very validators, and unions under other names."""
    target = copy(CORPUS / name, tmp_path / name)
    known = counts(check(target))
    before = load_project(target).by_path
    take_out(target, without_validators)

    fixed = fix(target, unsafe=True)

    left = [finding for finding in fixed.after if not known[finding.path, finding.rule]]
    assert all(finding.fix is None for finding in left), left
    assert len(left) <= len(fixed.before) / 5
    assert_sound(fixed)
    for path, function in load_project(target).by_path.items():
        for part in ("args", "returns"):
            written, original = getattr(function, part), getattr(before[path], part)
            assert written is None or written.validator == original.validator


def test_a_fixed_project_passes_the_type_checker(tmp_path: Path) -> None:
    root = copy(CORPUS / "forum", tmp_path / "forum")
    take_out(root, without_annotations)

    fix(root, unsafe=False)

    generate(compile_project(load_project(root)), root)
    assert mypy_findings(root, load_config(root).functions) == {}
