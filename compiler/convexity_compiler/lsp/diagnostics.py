"""Findings as the diagnostics of the protocol."""

from __future__ import annotations

import contextlib
from functools import cache
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from convexity_compiler.lsp.uris import uri_of_path
from convexity_compiler.rules.documentation import page
from convexity_compiler.rules.registry import find_rule

if TYPE_CHECKING:
    from pathlib import Path

    from pygls.workspace import PositionCodec

    from convexity_compiler.config import Severity
    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.lsp.open_project import Checked, OpenProject
    from convexity_compiler.lsp.positions import PlacedText

SOURCE: Final = "convexity"
SETTINGS_FILE: Final = "pyproject.toml"

_SEVERITIES: Final[dict[Severity, types.DiagnosticSeverity]] = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
}


class DiagnosticsOf:
    """The diagnostics of one check, by path relative to the root."""

    def __init__(self, project: OpenProject, checked: Checked, codec: PositionCodec) -> None:
        self._project = project
        self._checked = checked
        self._codec = codec
        self._texts: dict[str, PlacedText] = {}

    def by_path(self) -> dict[str, list[types.Diagnostic]]:
        """Return the diagnostics of every file that has any."""
        found: dict[str, list[types.Diagnostic]] = {}
        for finding in self._checked.findings:
            found.setdefault(finding.path, []).append(self.diagnostic(finding))
        if self._checked.config_error:
            found[SETTINGS_FILE] = [self._settings_error(self._checked.config_error)]
        return found

    def diagnostic(self, finding: Diagnostic) -> types.Diagnostic:
        """Return a finding as a diagnostic."""
        message = finding.message
        if finding.label:
            message += f": {finding.label}"
        if finding.help:
            message += f"\nhelp: {finding.help}"
        page_uri = self._page_uri(finding.rule)
        return types.Diagnostic(
            range=self.text(finding.path).range(finding.span),
            message=message,
            severity=_SEVERITIES[finding.severity],
            code=finding.rule,
            code_description=types.CodeDescription(page_uri) if page_uri else None,
            source=SOURCE,
            related_information=[
                types.DiagnosticRelatedInformation(
                    types.Location(self.uri(label.path), self.text(label.path).range(label.span)),
                    label.message,
                )
                for label in finding.labels
            ],
        )

    def text(self, path: str) -> PlacedText:
        """Return the text that was checked."""
        if path not in self._texts:
            self._texts[path] = self._project.placed(path, self._codec, self._checked.documents)
        return self._texts[path]

    def uri(self, path: str) -> str:
        """Return the address of a file as the editor spells it."""
        return uri_of(self._project, path)

    def _page_uri(self, rule: str) -> str | None:
        config = self._project.config
        return None if config is None else _page_uri(rule, config.cache_path / "rules")

    def _settings_error(self, message: str) -> types.Diagnostic:
        start = types.Position(0, 0)
        return types.Diagnostic(
            range=types.Range(start, start),
            message=message,
            severity=types.DiagnosticSeverity.Error,
            code="settings",
            source=SOURCE,
        )


def uri_of(project: OpenProject, path: str) -> str:
    """Return the address of a file of the project as the editor spells it."""
    document = project.documents.get(path)
    if document is not None:
        return document.uri
    return uri_of_path(project.absolute(path))


@cache
def _page_uri(name: str, folder: Path) -> str | None:
    """The address of a rule's documentation page, which is written when it is not there yet.

    None where nothing can be written: then there is no link.
    """
    rule = find_rule(name)
    if rule is None:
        return None
    target = folder / f"{name}.md"
    text = page(rule)
    with contextlib.suppress(OSError):
        if not target.is_file() or target.read_text(encoding="utf-8") != text:
            folder.mkdir(parents=True, exist_ok=True)
            temporary = target.with_suffix(".tmp")
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(target)
        return target.as_uri()
    return None
