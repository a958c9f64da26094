"""Code actions: fixes of findings, all safe fixes of a file at once, and comments that silence."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from convexity_compiler.diagnostics.edits import apply_edits, choose_fixes, edits_by_path
from convexity_compiler.diagnostics.suppressions import names
from convexity_compiler.lsp.diagnostics import DiagnosticsOf, uri_of
from convexity_compiler.lsp.silencing import silencing_edit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from pygls.workspace import PositionCodec

    from convexity_compiler.diagnostics.model import Diagnostic, Edit, Fix
    from convexity_compiler.lsp.open_project import Checked, OpenProject

FIX_ALL: Final = "source.fixAll.convexity"
_MAX_ROUNDS: Final = 10
"""A fix may bring about another finding; it never takes this many rounds to settle."""


class Actions:
    """The actions for one file, as of one check."""

    def __init__(
        self, project: OpenProject, checked: Checked, path: str, codec: PositionCodec
    ) -> None:
        self._project = project
        self._checked = checked
        self._path = path
        self._codec = codec
        self._diagnostics = DiagnosticsOf(project, checked, codec)

    def at(
        self, place: types.Range, only: Collection[str] | None, *, lazy: bool
    ) -> list[types.CodeAction]:
        """Return the actions for a range.

        ``only`` has the kinds that are wanted; ``lazy`` leaves the edit of "fix all" to be asked
        for, since it takes several checks.
        """
        found: list[types.CodeAction] = []
        if _wanted(types.CodeActionKind.QuickFix, only):
            wanted = self._diagnostics.text(self._path).span(place)
            touched = [
                finding
                for finding in self._checked.findings
                if finding.path == self._path
                and finding.span[:2] <= wanted[2:]
                and wanted[:2] <= finding.span[2:]
            ]
            found += [action for finding in touched for action in self._fixes(finding)]
            found += [action for finding in touched for action in self._silence(finding)]
        if _wanted(FIX_ALL, only) and any(self._own_safe_fixes(self._checked.findings)):
            action = types.CodeAction(
                title="Fix all safe findings of convexity",
                kind=FIX_ALL,
                data={"uri": uri_of(self._project, self._path)},
            )
            if not lazy:
                action.edit = self.fix_all()
            found.append(action)
        return found

    def fix_all(self) -> types.WorkspaceEdit | None:
        """Return the edit that applies the safe fixes of the file, round by round."""
        before = self._diagnostics.text(self._path).text
        after = before
        findings: Iterable[Diagnostic] = self._checked.findings
        for _ in range(_MAX_ROUNDS):
            fixes = choose_fixes(self._own_safe_fixes(findings))
            if not fixes:
                break
            after = apply_edits(after, edits_by_path(fixes)[self._path])
            findings = self._project.findings_with(self._checked.documents, self._path, after)
        return self._workspace_edit({self._path: list(self._differences(before, after))})

    def _fixes(self, finding: Diagnostic) -> Iterator[types.CodeAction]:
        fix = finding.fix
        if fix is None:
            return
        is_safe = fix.applicability == "safe"
        yield types.CodeAction(
            title=_title(fix.title) + ("" if is_safe else " (unsafe)"),
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[self._diagnostics.diagnostic(finding)],
            is_preferred=is_safe,
            edit=self._workspace_edit(self._edits_of(fix)),
        )

    def _silence(self, finding: Diagnostic) -> Iterator[types.CodeAction]:
        project = self._project.facts_of(self._path).latest
        module = project.modules.get(self._project.module_of(self._path) or "") if project else None
        if project is None or module is None:
            return
        if any(names(rule, finding) for rule in project.config.unsuppressible):
            return
        edit = silencing_edit(finding, module)
        if edit is None:
            return
        yield types.CodeAction(
            title=f"Silence {finding.rule} here",
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[self._diagnostics.diagnostic(finding)],
            edit=self._workspace_edit({self._path: [self._text_edit(edit)]}),
        )

    def _own_safe_fixes(self, findings: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
        """Findings of the file whose safe fix changes no other file."""
        for finding in findings:
            fix = finding.fix
            if (
                finding.path == self._path
                and fix is not None
                and fix.applicability == "safe"
                and all(edit.path == self._path for edit in fix.edits)
            ):
                yield finding

    def _edits_of(self, fix: Fix) -> dict[str, list[types.TextEdit]]:
        edits: dict[str, list[types.TextEdit]] = {}
        for edit in fix.edits:
            edits.setdefault(edit.path, []).append(self._text_edit(edit))
        return edits

    def _text_edit(self, edit: Edit) -> types.TextEdit:
        return types.TextEdit(self._diagnostics.text(edit.path).range(edit.span), edit.text)

    def _differences(self, before: str, after: str) -> Iterator[types.TextEdit]:
        """The lines that changed."""
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
        starts = [0]
        for line in old:
            starts.append(starts[-1] + len(line))
        text = self._diagnostics.text(self._path)
        for tag, first, last, new_first, new_last in SequenceMatcher(
            a=old, b=new, autojunk=False
        ).get_opcodes():
            if tag != "equal":
                place = text.range_between(starts[first], starts[last])
                yield types.TextEdit(place, "".join(new[new_first:new_last]))

    def _workspace_edit(self, edits: Mapping[str, list[types.TextEdit]]) -> types.WorkspaceEdit:
        """The edits with the versions of the files that they are made for."""
        documents = self._checked.documents
        return types.WorkspaceEdit(
            document_changes=[
                types.TextDocumentEdit(
                    types.OptionalVersionedTextDocumentIdentifier(
                        uri=uri_of(self._project, path),
                        version=documents[path].version if path in documents else None,
                    ),
                    changes,
                )
                for path, changes in edits.items()
            ]
        )


def without_versions(edit: types.WorkspaceEdit) -> types.WorkspaceEdit:
    """Return an edit for a client that knows no edits of versioned documents."""
    changes = {
        change.text_document.uri: [
            entry for entry in change.edits if isinstance(entry, types.TextEdit)
        ]
        for change in edit.document_changes or ()
        if isinstance(change, types.TextDocumentEdit)
    }
    return types.WorkspaceEdit(changes=changes)


def _wanted(kind: str, only: Collection[str] | None) -> bool:
    """Whether a kind of action is asked for; ``source`` asks for ``source.fixAll`` too."""
    return only is None or any(kind == entry or kind.startswith(f"{entry}.") for entry in only)


def _title(title: str) -> str:
    return title[:1].upper() + title[1:]
