"""Reads the Markdown tests of rules: every `##` heading is a project and what it must give.

    `convex/messages.py`:            a file; a line that ends in `# error: [rule-name]` must have
                                     that finding, or the line below where the mark stands alone;
                                     all findings must be marked
    Fixed `convex/messages.py`:      the file after `check --fix`
    Unsafely fixed `convex/...`:     the file after `check --fix --unsafe-fixes`
    Output:                          the whole report in the format `full`

Each of these lines is followed by a fenced block. With UPDATE_RULE_OUTPUT=1 in the environment,
the blocks below `Output:` are written instead of compared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MARK = re.compile(r"\s*# (error|warning|info): \[([a-z0-9-]+)\]")
_MARKS = re.compile(rf"(?:{_MARK.pattern})+$")
_BLOCK = re.compile(
    r"^(?:(?P<kind>Fixed|Unsafely fixed) )?`(?P<path>[^`]+)`:$|^(?P<output>Output):$"
)


@dataclass
class Case:
    """One heading of a Markdown test."""

    document: Path
    title: str
    files: dict[str, str] = field(default_factory=dict)
    expected: set[tuple[str, int, str, str]] = field(default_factory=set)
    """Path, line, severity and rule of every finding."""
    fixed: dict[str, str] = field(default_factory=dict)
    unsafely_fixed: dict[str, str] = field(default_factory=dict)
    output: str | None = None

    @property
    def expected_rules(self) -> set[str]:
        return {rule for _, _, _, rule in self.expected}

    def write_output(self, output: str) -> None:
        """Replace the output block in the document."""
        text = self.document.read_text()
        head, heading, rest = text.partition(f"\n## {self.title}\n")
        section, separator, following = rest.partition("\n## ")
        section = re.sub(
            r"(\nOutput:\n\n```text\n).*?(```\n)",
            lambda match: match[1] + output + match[2],
            section,
            count=1,
            flags=re.DOTALL,
        )
        self.document.write_text(head + heading + section + separator + following)


def read_cases(document: Path) -> list[Case]:
    """Return the cases of a document in order."""
    cases: list[Case] = []
    target: re.Match[str] | None = None
    block: list[str] | None = None
    for line in document.read_text().splitlines():
        if block is not None:
            if line == "```":
                if target is not None:
                    _add(cases[-1], target, block)
                target = block = None
            else:
                block.append(line)
        elif line.startswith("```"):
            block = []
        elif line.startswith("## "):
            cases.append(Case(document, line.removeprefix("## ")))
        else:
            target = _BLOCK.match(line) or (target if not line else None)
    return cases


def _add(case: Case, target: re.Match[str], block: list[str]) -> None:
    text = "".join(f"{line}\n" for line in block)
    if target["output"]:
        case.output = text
    elif target["kind"] == "Fixed":
        case.fixed[target["path"]] = text
    elif target["kind"] == "Unsafely fixed":
        case.unsafely_fixed[target["path"]] = text
    else:
        path = target["path"]
        plain: list[str] = []
        for line in block:
            marks = _MARKS.search(line)
            if marks:
                for severity, rule in _MARK.findall(marks[0]):
                    case.expected.add((path, len(plain) + 1, severity, rule))
                line = line[: marks.start()]
                if not line:
                    continue  # a mark alone: the finding is in the line below
            plain.append(f"{line}\n")
        case.files[path] = "".join(plain)
