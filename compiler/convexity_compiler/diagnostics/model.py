"""A finding of the checker, with everything a renderer or an editor needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from convexity_compiler.records import record, value

if TYPE_CHECKING:
    from convexity_compiler.config import Severity
    from convexity_compiler.span import Span

Category: TypeAlias = Literal[
    "correctness", "suspicious", "security", "performance", "style", "pedantic"
]
Applicability: TypeAlias = Literal["safe", "unsafe"]

TYPE_CHECKER: Final = "mypy:"
"""What the names of its findings begin with: ``mypy:arg-type``; they have no other code."""
MYPY_PAGES: Final = "https://mypy.readthedocs.io/en/stable/_refs.html#code-"
"""Where mypy itself sends its users."""

FAILURES: Final = {
    "SUP006": "invalid-config",
    "SUP008": "unusable-project",
    "SUP009": "internal-error",
}
"""What machine formats call the failures that end a check with exit code 2, by code."""


@record
class Label:
    """Another place that matters to a finding, with a word on why."""

    path: str
    span: Span
    message: str


@record
class Edit:
    """Replace ``span`` of ``path`` by ``text``; an empty span inserts."""

    path: str
    span: Span
    text: str
    shared: bool = False
    """Whether it is made once for all fixes that want it, as the import of a name is; of other
    edits, two at the same place are two, though their texts be the same."""


@record
class Fix:
    """Edits that remove a finding: all of them or none."""

    title: str
    """What the edits do, as an instruction: ``use v.int64()``."""
    applicability: Applicability
    """``safe`` keeps the meaning; ``unsafe`` wants a look."""
    edits: tuple[Edit, ...]


@value
class Silence:
    """Why a finding does not count."""

    kind: Literal["comment", "baseline"]
    """``comment``: a comment in the source names its rule; ``baseline``: it was there before."""
    reason: str = ""
    """What the comment says behind the names of rules; may be empty."""


@record
class Diagnostic:
    """One finding."""

    rule: str
    """Name of the rule, kebab-case; its identity."""
    code: str
    """Short alias of the rule: ``QRY004``."""
    severity: Severity
    category: Category
    path: str
    """Relative to the project root, with slashes."""
    span: Span
    message: str
    """What is wrong, in one clause without a full stop; Markdown backticks around source."""
    label: str = ""
    """Words beside the caret; may be empty."""
    help: str = ""
    """The remedy, as an instruction; may be empty."""
    labels: tuple[Label, ...] = ()
    fix: Fix | None = None
    silence: Silence | None = None
    """Set when it does not count."""

    @property
    def identity(self) -> str:
        """How a report names the rule: ``unknown-index, QRY004``; where they agree, once."""
        return self.rule if self.rule == self.code else f"{self.rule}, {self.code}"

    @property
    def documentation(self) -> str:
        """Where the rule is explained: a page below docs/, or an address."""
        if self.rule.startswith(TYPE_CHECKER):
            return f"{MYPY_PAGES}{self.rule.removeprefix(TYPE_CHECKER)}"
        if self.code in FAILURES:
            return "reference/exit-codes.md"
        return f"rules/{self.rule}.md"

    @property
    def sort_key(self) -> tuple[str, Span, str, str]:
        """Order of the report: by file, then place, then rule."""
        return (self.path, self.span, self.code, self.message)


def sort_diagnostics(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """Return the findings in the order of the report, without duplicates."""
    return sorted(dict.fromkeys(diagnostics), key=lambda diagnostic: diagnostic.sort_key)
