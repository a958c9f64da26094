"""Projects before and after their fixes, as the tests of fixes look at them."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from convexity_compiler.cli import fixing, pipeline
from convexity_compiler.config import load_config
from convexity_compiler.rules import engine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from convexity_compiler.diagnostics.model import Diagnostic

Counts = Counter[tuple[str, str]]
"""Number of findings by path and rule."""


@dataclass(frozen=True)
class Fixed:
    """What fixing made of a project."""

    before: list[Diagnostic]
    after: list[Diagnostic]
    outcome: fixing.FixedProject
    texts: dict[str, tuple[str, str]]
    """Texts of the changed files before and after, by path."""


def write_files(root: Path, files: Mapping[str, str]) -> Path:
    """Write files below ``root``, by path relative to it."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def fix(root: Path, *, unsafe: bool, before: list[Diagnostic] | None = None) -> Fixed:
    """Fix the project at ``root`` on disk; ``before`` are its findings, where they are known."""
    before = check(root) if before is None else before
    outcome = fixing.fix_project(load_config(root), (), unsafe=unsafe)
    texts = {
        path: (file.text, outcome.texts[path])
        for path, file in outcome.before.items()
        if file.text != outcome.texts[path]
    }
    outcome.write()
    return Fixed(before, check(root), outcome, texts)


def check(root: Path) -> list[Diagnostic]:
    """Return the findings of the project at ``root``."""
    return list(engine.check(pipeline.load(load_config(root))))


def counts(findings: list[Diagnostic]) -> Counts:
    """Count findings by path and rule."""
    return Counter((finding.path, finding.rule) for finding in findings)


def errors(findings: list[Diagnostic]) -> Counts:
    """Count the errors among findings by path and rule."""
    return counts([finding for finding in findings if finding.severity == "error"])


def comments(text: str) -> Counter[str]:
    """Count the comments of a module, without those that are addressed to convexity."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return Counter(
        token.string
        for token in tokens
        if token.type == tokenize.COMMENT and "convexity" not in token.string
    )


def assert_sound(fixed: Fixed) -> None:
    """What holds for every project after its fixes, whatever they are.

    The fixed findings are gone, no other errors have come, the files parse, and comments have
    stayed.
    """
    before, after = counts(fixed.before), counts(fixed.after)
    done = counts(fixed.outcome.fixed)
    assert errors(fixed.after) <= errors(fixed.before), after - before
    assert all(after[key] < before[key] for key in done if key in before)
    for old, new in fixed.texts.values():
        ast.parse(new)
        assert comments(new) >= comments(old)
