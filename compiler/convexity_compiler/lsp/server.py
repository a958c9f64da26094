"""The server: what the editor says, and what it is told."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, NamedTuple

from convexity.version import VERSION
from lsprotocol import types
from pygls.exceptions import JsonRpcMethodNotFound
from pygls.lsp.server import LanguageServer

from convexity_compiler.lsp.checks import Checks
from convexity_compiler.lsp.diagnostics import DiagnosticsOf
from convexity_compiler.lsp.positions import PlacedText
from convexity_compiler.lsp.projects import Projects
from convexity_compiler.lsp.publishing import Publisher

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pygls.workspace import PositionCodec

    from convexity_compiler.lsp.facts import Facts
    from convexity_compiler.lsp.open_project import Checked, Document, OpenProject


class Report(NamedTuple):
    """A check, ready to be shown."""

    checked: Checked
    diagnostics: dict[str, list[types.Diagnostic]]
    """By path relative to the root."""


class Located(NamedTuple):
    """A file that a request is about."""

    project: OpenProject
    path: str
    module: str
    """Wire path."""
    text: PlacedText

    @property
    def facts(self) -> Facts:
        """What is known of the application, or of the component, that has the file."""
        return self.project.facts_of(self.path)


class ConvexityServer(LanguageServer):
    """A language server with the projects that are open in it.

    Texts are synchronised as a whole: pygls splits lines at form feeds and U+2028 too, so that
    with partial changes its copy of a file that has them would part from the editor's.
    """

    def __init__(self) -> None:
        super().__init__(
            "convexity", VERSION, text_document_sync_kind=types.TextDocumentSyncKind.Full
        )
        self.projects = Projects()
        self.checks = Checks(self._check, self._publish, self._log_bug)
        self.publisher = Publisher(self.text_document_publish_diagnostics)

    @property
    def codec(self) -> PositionCodec:
        """Converts positions by the encoding that was agreed on."""
        return self.workspace.position_codec

    def request_check(self, *projects: OpenProject | None) -> None:
        """Have projects checked as they are now."""
        for project in projects:
            if project is not None:
                self.checks.request(project)

    def close_unused(self) -> None:
        """Close the projects that have no open file and no workspace folder any more."""
        for project in self.projects.close_unused():
            self.checks.forget(project)
            self.publisher.retract(project)

    async def located(self, uri: str, *, settled: bool = True) -> Located | None:
        """Return the file at an address; None when it is no open module of a project.

        With ``settled``, once its project is checked as it is now; else as soon as the project
        was ever checked.
        """
        place = self.projects.place(uri)
        if place is None:
            return None
        project = place.project
        if settled or project.checked is None:
            await self.checks.settled(project)
        document = self.projects.document(uri)
        module = project.module_of(place.path)
        if document is None or module is None:
            return None
        return Located(project, place.path, module, PlacedText(document.text, self.codec))

    def report_server_error(self, error: Exception, source: object) -> None:  # noqa: ARG002
        """Log what went wrong in the output of the editor; the server goes on."""
        if isinstance(error, JsonRpcMethodNotFound):
            return
        text = "".join(traceback.format_exception(error))
        data = getattr(error, "data", None)
        self._log(f"{text}{data or ''}")

    def _check(self, project: OpenProject, documents: Mapping[str, Document]) -> Report:
        checked = project.check(documents)
        return Report(checked, DiagnosticsOf(project, checked, self.codec).by_path())

    def _publish(self, project: OpenProject, report: Report) -> None:
        if project in set(self.projects):
            self.publisher.publish(project, report.checked, report.diagnostics)

    def _log_bug(self, error: Exception) -> None:
        self._log(
            "".join(traceback.format_exception(error))
            + "This is a bug in convexity, not in your project."
        )

    def _log(self, message: str) -> None:
        self.window_log_message(types.LogMessageParams(types.MessageType.Error, message))


def serve() -> None:
    """Serve an editor over standard input and output until it says ``exit``."""
    from convexity_compiler.lsp import features, lifecycle

    logging.getLogger("pygls").setLevel(logging.CRITICAL)
    server = ConvexityServer()
    lifecycle.register(server)
    features.register(server)
    # pygls closes its stream in the end; what prints to standard output would garble the messages.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as stream, redirect_stdout(sys.stderr):
        server.start_io(stdout=stream)
    server.checks.close()
