"""What a check leaves behind for the next one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from convexity_compiler.diagnostics.lists import from_list, to_list
from convexity_compiler.rules.reports import ModuleReport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convexity_compiler.diagnostics.model import Diagnostic


@dataclass(frozen=True, slots=True)
class ModuleResult:
    """What a check of one module came to."""

    report: ModuleReport
    needs: frozenset[str]
    """Wire paths of the modules whose content it depends on."""
    needs_everything: bool

    def to_list(self) -> list[Any]:
        """Return it as a list that JSON has a form for."""
        findings = [to_list(entry) for entry in self.report.findings]
        return [self.needs_everything, sorted(self.needs), findings, self.report.facts]

    @classmethod
    def from_list(cls, values: list[Any]) -> ModuleResult:
        """Return what ``to_list`` made a list of; raises as ``lists.from_list`` does."""
        everything, needs, findings, facts = values
        report = ModuleReport(tuple(map(from_list, findings)), dict(facts))
        return cls(report, frozenset(needs), bool(everything))


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckState:
    """A project as it was checked, and what was found."""

    key: str = ""
    """What everything depends on beside the modules: see ``keys.check_key``."""
    files: str = ""
    """Hash of the names of all files."""
    components: Mapping[str, str] = field(default_factory=dict)
    """What the components held that it has or mounts: see ``component_contents``."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """Hash of the content by wire path of each module."""
    modules: Mapping[str, ModuleResult] = field(default_factory=dict)
    findings: tuple[Diagnostic, ...] | None = None
    """The whole report, silenced findings included; None when there is none to go by."""

    def stale(self, files: str, digests: Mapping[str, str]) -> set[str]:
        """Return the modules that must be checked again, with these contents."""
        if files != self.files or digests.keys() != self.digests.keys():
            return set(digests)
        changed = {path for path, digest in digests.items() if self.digests[path] != digest}
        return {
            path
            for path in digests
            if path not in self.modules
            or (changed and self.modules[path].needs_everything)
            or not changed.isdisjoint(self.modules[path].needs)
        }

    def to_json(self) -> dict[str, Any]:
        """Return it as a value that JSON has a form for."""
        return {
            "key": self.key,
            "files": self.files,
            "components": dict(self.components),
            "digests": dict(self.digests),
            "modules": {path: result.to_list() for path, result in self.modules.items()},
            "findings": None if self.findings is None else list(map(to_list, self.findings)),
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> CheckState:
        """Return what ``to_json`` described.

        Raises TypeError, ValueError, KeyError or IndexError for anything else.
        """
        findings = document["findings"]
        return cls(
            key=document["key"],
            files=document["files"],
            components=document["components"],
            digests=document["digests"],
            modules={
                path: ModuleResult.from_list(values) for path, values in document["modules"].items()
            },
            findings=None if findings is None else tuple(map(from_list, findings)),
        )
