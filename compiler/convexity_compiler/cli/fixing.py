"""Applying fixes to a project: rounds of edits until nothing is left to fix.

All rounds happen in memory, each checked before it counts; only the outcome is written.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from convexity_compiler.cli import pipeline
from convexity_compiler.cli.fix_harm import harm
from convexity_compiler.cli.known_findings import read_baseline
from convexity_compiler.cli.source_file import read_source, replace_all
from convexity_compiler.diagnostics.baseline import mark_known
from convexity_compiler.diagnostics.edits import apply_edits, choose_fixes, edits_by_path
from convexity_compiler.diagnostics.sources import Sources
from convexity_compiler.session import CheckSession

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.cli.source_file import SourceFile
    from convexity_compiler.config import Config
    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.session import CheckResult

_LINE = re.compile(r"[^\n]*\n|[^\n]+")

MAX_ROUNDS = 20
"""A fix may bring about another finding; it never takes this many rounds to settle."""


@dataclass(frozen=True, slots=True)
class RefusedFix:
    """A fix that is not applied because of what it would break."""

    finding: Diagnostic
    reason: str
    """One clause without a full stop."""


@dataclass(slots=True)
class FixedProject:
    """A project after its fixes, still in memory."""

    before: dict[str, SourceFile] = field(default_factory=dict)
    """The files that fixes change, by path relative to the root, as they are on disk."""
    texts: dict[str, str] = field(default_factory=dict)
    """Their texts after the fixes."""
    fixed: list[Diagnostic] = field(default_factory=list)
    refused: list[RefusedFix] = field(default_factory=list)

    def write(self) -> None:
        """Replace the files, all or none. Raises CommandError."""
        replace_all(self.before[path].with_text(text) for path, text in self._changed())

    def diff(self) -> str:
        """Return the changes as a unified diff; "" when there are none."""
        return "".join(
            line
            for path, text in self._changed()
            for line in _diff_lines(path, self.before[path].text, text)
        )

    def _changed(self) -> Iterator[tuple[str, str]]:
        for path, text in sorted(self.texts.items()):
            if text != self.before[path].text:
                yield path, text


def fix_project(config: Config, paths: tuple[str, ...], *, unsafe: bool) -> FixedProject:
    """Fix the findings in ``paths``; unsafe fixes only when asked for. Nothing is written.

    A fix that would leave a file that does not parse, lose a comment, or bring about another error
    is refused. Raises CommandError for files that cannot be read.
    """
    return _Fixing(config, paths, unsafe=unsafe).run()


class _Fixing:
    def __init__(self, config: Config, paths: tuple[str, ...], *, unsafe: bool) -> None:
        self._config = config
        self._paths = paths
        self._unsafe = unsafe
        self._session = CheckSession(config.root, config)
        self._outcome = FixedProject()
        self._refused: set[tuple[str, ...]] = set()
        self._checked: CheckResult
        self._last: tuple[dict[str, str], CheckResult] | None = None

    def run(self) -> FixedProject:
        self._checked = self._session.check()
        for _ in range(MAX_ROUNDS):
            chosen = self._choose()
            self._read(chosen)
            accepted = self._accept([], chosen)
            if not accepted:
                break
            texts = self._texts_after(accepted)
            if texts == self._outcome.texts:
                break
            self._outcome.texts = texts
            self._outcome.fixed += accepted
            self._checked = self._check(texts)
        return self._outcome

    def _choose(self) -> list[Diagnostic]:
        """The findings to fix next; what the baseline knows is left as it is."""
        found = list(self._checked.findings)
        if self._config.baseline_path.exists():
            sources = Sources(self._config.root, self._outcome.texts)
            found = mark_known(found, read_baseline(self._config), sources)
        findings = [
            finding
            for finding in pipeline.narrow(found, self._config, self._paths)
            if finding.silence is None and self._identity(finding) not in self._refused
        ]
        return choose_fixes(findings, unsafe=self._unsafe)

    def _read(self, fixes: list[Diagnostic]) -> None:
        for path in edits_by_path(fixes):
            if path not in self._outcome.before:
                file = read_source(self._config.root / path)
                self._outcome.before[path] = file
                self._outcome.texts[path] = file.text

    def _accept(self, base: list[Diagnostic], candidates: list[Diagnostic]) -> list[Diagnostic]:
        """Return the candidates that do no harm on top of ``base``; the others are refused."""
        if not candidates:
            return []
        texts = self._texts_after([*base, *candidates])
        reason = harm(self._checked, self._check(texts), self._outcome.texts, texts)
        if not reason:
            return candidates
        if len(candidates) == 1:
            finding = candidates[0]
            self._refused.add(self._identity(finding))
            self._outcome.refused.append(RefusedFix(finding, reason))
            return []
        middle = len(candidates) // 2
        left = self._accept(base, candidates[:middle])
        return left + self._accept([*base, *left], candidates[middle:])

    def _check(self, texts: dict[str, str]) -> CheckResult:
        """Check the project with these texts; the last ones are not checked again."""
        if self._last is None or self._last[0] != texts:
            self._last = (texts, self._session.check(texts))
        return self._last[1]

    def _texts_after(self, fixes: list[Diagnostic]) -> dict[str, str]:
        edits = edits_by_path(fixes)
        return {
            path: apply_edits(text, edits.get(path, ()))
            for path, text in self._outcome.texts.items()
        }

    def _identity(self, finding: Diagnostic) -> tuple[str, ...]:
        """What a finding is known by when lines have moved."""
        modules = self._checked.project.modules
        name = finding.path.removeprefix(f"{self._config.functions}/").removesuffix(".py")
        lines = modules[name].lines if name in modules else []
        line = lines[finding.span.line - 1 : finding.span.line]
        return (finding.rule, finding.path, finding.message, *line)


def _diff_lines(path: str, before: str, after: str) -> Iterator[str]:
    """Lines of a diff; where the last line of a file has no end, the diff says so."""
    texts = (_LINE.findall(before), _LINE.findall(after))
    for line in difflib.unified_diff(*texts, fromfile=path, tofile=path):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
