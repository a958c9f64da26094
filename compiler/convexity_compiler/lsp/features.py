"""Requests: completion, hover, definition, references, code actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lsprotocol import types
from pygls.capabilities import get_capability

from convexity_compiler.lsp.actions import FIX_ALL, Actions, without_versions
from convexity_compiler.lsp.completion import suggestions_at
from convexity_compiler.lsp.definition import definition_of, moved
from convexity_compiler.lsp.describe import describe
from convexity_compiler.lsp.diagnostics import uri_of
from convexity_compiler.lsp.references import references_to
from convexity_compiler.lsp.targets import target_at

if TYPE_CHECKING:
    from pygls.workspace import PositionCodec

    from convexity_compiler.link.model import Location
    from convexity_compiler.lsp.completion import SuggestionKind, Suggestions
    from convexity_compiler.lsp.server import ConvexityServer, Located

_KINDS: Final[dict[SuggestionKind, types.CompletionItemKind]] = {
    "table": types.CompletionItemKind.Struct,
    "index": types.CompletionItemKind.Property,
    "field": types.CompletionItemKind.Field,
    "function": types.CompletionItemKind.Function,
    "module": types.CompletionItemKind.Module,
    "rule": types.CompletionItemKind.Constant,
}


def register(server: ConvexityServer) -> None:
    """Make a server answer what an editor asks."""
    server.feature(
        types.TEXT_DOCUMENT_COMPLETION,
        types.CompletionOptions(trigger_characters=[".", '"', "'", "["]),
    )(_completion)
    server.feature(types.TEXT_DOCUMENT_HOVER)(_hover)
    server.feature(types.TEXT_DOCUMENT_DEFINITION)(_definition)
    server.feature(types.TEXT_DOCUMENT_REFERENCES)(_references)
    server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(
            code_action_kinds=[types.CodeActionKind.QuickFix, FIX_ALL], resolve_provider=True
        ),
    )(_code_actions)
    server.feature(types.CODE_ACTION_RESOLVE)(_resolve_code_action)


async def _completion(
    ls: ConvexityServer, params: types.CompletionParams
) -> types.CompletionList | None:
    file = await ls.located(params.text_document.uri, settled=False)
    if file is None:
        return None
    return await ls.checks.work(_complete, file, params.position)


def _complete(file: Located, position: types.Position) -> types.CompletionList | None:
    project = file.facts.project
    if project is None:
        return None
    offset = file.text.offset(position)
    found = suggestions_at(project, file.module, file.text.text, offset)
    return None if found is None else _completion_list(file, found)


def _completion_list(file: Located, found: Suggestions) -> types.CompletionList:
    place = file.text.range_between(found.start, found.end)
    return types.CompletionList(
        is_incomplete=False,
        items=[
            types.CompletionItem(
                label=entry.text,
                kind=_KINDS[entry.kind],
                detail=entry.detail or None,
                documentation=_markdown(entry.documentation) if entry.documentation else None,
                sort_text=f"{number:05}",
                filter_text=entry.text,
                text_edit=types.TextEdit(place, entry.text),
            )
            for number, entry in enumerate(found.entries)
        ],
    )


async def _hover(ls: ConvexityServer, params: types.HoverParams) -> types.Hover | None:
    file = await ls.located(params.text_document.uri)
    if file is None:
        return None
    return await ls.checks.work(_hover_at, file, params.position)


def _hover_at(file: Located, position: types.Position) -> types.Hover | None:
    project = file.facts.project
    if project is None:
        return None
    found = target_at(project, file.module, file.text.text, file.text.offset(position))
    if found is None:
        return None
    place = file.text.range_between(found.start, found.end)
    return types.Hover(_markdown(describe(project, found.target)), place)


async def _definition(ls: ConvexityServer, params: types.DefinitionParams) -> types.Location | None:
    file = await ls.located(params.text_document.uri)
    if file is None:
        return None
    return await ls.checks.work(_definition_at, file, params.position, ls.codec)


def _definition_at(
    file: Located, position: types.Position, codec: PositionCodec
) -> types.Location | None:
    project = file.facts.project
    if project is None:
        return None
    found = target_at(project, file.module, file.text.text, file.text.offset(position))
    location = definition_of(found.target) if found is not None else None
    return None if location is None else _location(file, location, codec)


def _location(file: Located, location: Location, codec: PositionCodec) -> types.Location | None:
    facts = file.facts
    project = facts.project
    checked = file.project.checked
    if project is None or checked is None:
        return None
    path = project.path_of(location.module)
    text = file.project.placed(path, codec, checked.documents)
    span = location.span
    if facts.is_broken(location.module):
        span = moved(span, project.modules[location.module].text, text.text)
    return types.Location(uri_of(file.project, path), text.range(span))


async def _references(
    ls: ConvexityServer, params: types.ReferenceParams
) -> list[types.Location] | None:
    file = await ls.located(params.text_document.uri)
    if file is None:
        return None
    return await ls.checks.work(
        _references_at, file, params.position, ls.codec, params.context.include_declaration
    )


def _references_at(
    file: Located, position: types.Position, codec: PositionCodec, with_definition: bool
) -> list[types.Location] | None:
    project = file.facts.project
    if project is None:
        return None
    found = target_at(project, file.module, file.text.text, file.text.offset(position))
    if found is None:
        return None
    places = references_to(project, found.target, with_definition=with_definition)
    return [entry for place in places if (entry := _location(file, place, codec)) is not None]


async def _code_actions(
    ls: ConvexityServer, params: types.CodeActionParams
) -> list[types.CodeAction] | None:
    file = await ls.located(params.text_document.uri)
    if file is None:
        return None
    properties = get_capability(
        ls.client_capabilities, "text_document.code_action.resolve_support.properties", []
    )
    found = await ls.checks.work(
        lambda: _actions(ls, file).at(
            params.range, params.context.only, lazy="edit" in (properties or [])
        )
    )
    for action in found:
        action.edit = _spoken(ls, action.edit)
    return found


async def _resolve_code_action(ls: ConvexityServer, action: types.CodeAction) -> types.CodeAction:
    data = action.data
    uri = data.get("uri") if isinstance(data, dict) else None
    file = await ls.located(uri) if isinstance(uri, str) else None
    if file is not None:
        edit = await ls.checks.work(lambda: _actions(ls, file).fix_all())
        action.edit = _spoken(ls, edit)
    return action


def _actions(ls: ConvexityServer, file: Located) -> Actions:
    checked = file.project.checked
    assert checked is not None, "a file is located once its project is checked"
    return Actions(file.project, checked, file.path, ls.codec)


def _spoken(ls: ConvexityServer, edit: types.WorkspaceEdit | None) -> types.WorkspaceEdit | None:
    """An edit as the client understands it."""
    knows_versions = get_capability(
        ls.client_capabilities, "workspace.workspace_edit.document_changes", False
    )
    return edit if edit is None or knows_versions else without_versions(edit)


def _markdown(text: str) -> types.MarkupContent:
    return types.MarkupContent(types.MarkupKind.Markdown, text)
