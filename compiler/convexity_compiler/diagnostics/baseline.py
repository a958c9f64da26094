"""Findings that were there before, and do not count: only what is added to them fails a check."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from convexity_compiler.diagnostics.fingerprints import fingerprints
from convexity_compiler.diagnostics.model import TYPE_CHECKER, Silence
from convexity_compiler.records import replace, value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.diagnostics.sources import Sources

VERSION: Final = 1
"""Of the file's form; raised when old files cannot be read any more."""


class BaselineError(Exception):
    """The text of a baseline cannot be used; the message says why."""


@value
class Baseline:
    """The fingerprints of findings, by path and rule."""

    findings: Mapping[str, Mapping[str, tuple[str, ...]]]

    def __contains__(self, entry: tuple[str, str, str]) -> bool:
        path, rule, fingerprint = entry
        return fingerprint in self.findings.get(path, {}).get(rule, ())

    def __len__(self) -> int:
        return sum(len(known) for rules in self.findings.values() for known in rules.values())

    def render(self) -> str:
        """Return the text of the file: sorted, one fingerprint per line, so that it merges."""
        document = {"version": VERSION, "findings": self.findings}
        return json.dumps(document, indent=2, sort_keys=True) + "\n"


def parse(text: str) -> Baseline:
    """Read the text of a baseline.

    Raises BaselineError for a text that ``Baseline.render`` does not write.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise BaselineError(f"not valid JSON: {error}") from None
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise BaselineError(f"not a baseline of version {VERSION}")
    findings = document.get("findings")
    if not isinstance(findings, dict) or not all(
        isinstance(rules, dict) and all(_is_strings(known) for known in rules.values())
        for rules in findings.values()
    ):
        raise BaselineError("`findings` must have lists of fingerprints by path and rule")
    return Baseline(
        {
            path: {rule: tuple(known) for rule, known in rules.items()}
            for path, rules in findings.items()
        }
    )


def baseline_of(findings: Sequence[Diagnostic], sources: Sources) -> Baseline:
    """Return the baseline in which all findings are that no comment silences."""
    entries: dict[str, dict[str, tuple[str, ...]]] = {}
    for finding, fingerprint in zip(findings, fingerprints(findings, sources), strict=True):
        if finding.silence is None or finding.silence.kind == "baseline":
            rules = entries.setdefault(finding.path, {})
            rules[finding.rule] = tuple(sorted((*rules.get(finding.rule, ()), fingerprint)))
    return Baseline(entries)


def mark_known(
    findings: Sequence[Diagnostic], baseline: Baseline, sources: Sources
) -> list[Diagnostic]:
    """Return the findings, those in the baseline silenced."""
    return [
        replace(finding, silence=Silence("baseline"))
        if finding.silence is None and (finding.path, finding.rule, fingerprint) in baseline
        else finding
        for finding, fingerprint in zip(findings, fingerprints(findings, sources), strict=True)
    ]


def pruned(
    baseline: Baseline, findings: Sequence[Diagnostic], sources: Sources, *, types_checked: bool
) -> Baseline:
    """Return the baseline without what is no longer found, or silenced by a comment by now.

    What a type checker found stays unless one ran this time: ``types_checked``.
    """
    found = baseline_of(findings, sources).findings
    entries: dict[str, dict[str, tuple[str, ...]]] = {}
    for path, rules in baseline.findings.items():
        for rule, known in rules.items():
            kept = known
            if types_checked or not rule.startswith(TYPE_CHECKER):
                now = found.get(path, {}).get(rule, ())
                kept = tuple(entry for entry in known if entry in now)
            if kept:
                entries.setdefault(path, {})[rule] = kept
    return Baseline(entries)


def _is_strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)
