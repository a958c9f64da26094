"""What the editor shows: sent when it changes, taken back when it is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from convexity_compiler.lsp.diagnostics import uri_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from convexity_compiler.lsp.open_project import Checked, OpenProject

    Shown = tuple[int | None, list[types.Diagnostic]]


class Publisher:
    """Remembers what the editor was sent for each file of each project."""

    def __init__(self, send: Callable[[types.PublishDiagnosticsParams], None]) -> None:
        self._send = send
        self._shown: dict[OpenProject, dict[str, Shown]] = {}

    def publish(
        self, project: OpenProject, checked: Checked, found: dict[str, list[types.Diagnostic]]
    ) -> None:
        """Send what differs from what is shown.

        A file that has changed since it was checked is left alone: its next check is under way,
        and places in its old text would be wrong.
        """
        before = self._shown.get(project, {})
        after: dict[str, Shown] = {}
        for path in sorted({*found, *checked.documents}):
            document = checked.documents.get(path)
            current = project.documents.get(path)
            uri = uri_of(project, path)
            if document is not current:
                if uri in before:
                    after[uri] = before[uri]
                continue
            shown: Shown = (document.version if document else None, found.get(path, []))
            if before.get(uri, (None, [])) != shown:
                self._publish(uri, shown)
            after[uri] = shown
        for uri in before.keys() - after.keys():
            if before[uri][1]:
                self._publish(uri, (None, []))
        self._shown[project] = after

    def retract(self, project: OpenProject) -> None:
        """Take back all that is shown of a project."""
        for uri, (_, diagnostics) in self._shown.pop(project, {}).items():
            if diagnostics:
                self._publish(uri, (None, []))

    def _publish(self, uri: str, shown: Shown) -> None:
        version, diagnostics = shown
        self._send(types.PublishDiagnosticsParams(uri, diagnostics, version))
