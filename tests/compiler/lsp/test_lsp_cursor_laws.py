"""What the editor asks about a text that is being typed never fails, wherever the cursor is."""

from __future__ import annotations

from pathlib import Path

import pytest
from convexity_compiler.link.project import LinkedProject
from convexity_compiler.lsp.completion import suggestions_at
from convexity_compiler.lsp.describe import describe
from convexity_compiler.lsp.targets import target_at
from convexity_compiler.lsp.tokens import tokens
from convexity_compiler.pipeline import load_project
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.compiler.lsp.conftest import MESSAGES, REPORTS, SCHEMA, write_chat

TEXTS = st.sampled_from([MESSAGES, REPORTS, SCHEMA])
SNIPPETS = st.one_of(
    st.sampled_from(["(", ")", '"', '"""', "'", "[", ".", "\\", "#", "\n", "internal.", ".eq("]),
    st.text(max_size=5),
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> LinkedProject:
    folder: Path = write_chat(tmp_path_factory.mktemp("laws"))
    return load_project(folder.parent)


@given(TEXTS, st.data())
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_any_place_of_any_text_has_an_answer(
    project: LinkedProject, text: str, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(cut, min(len(text), cut + 40)))
    text = text[:cut] + data.draw(SNIPPETS) + text[end:]
    offset = data.draw(st.integers(max(0, cut - 10), min(len(text), cut + 10)))
    found = target_at(project, "messages", text, offset)
    if found is not None:
        assert found.start <= offset <= found.end
        assert describe(project, found.target)
    suggestions = suggestions_at(project, "messages", text, offset)
    if suggestions is not None:
        assert suggestions.start <= offset <= suggestions.end
        assert len({entry.text for entry in suggestions.entries}) == len(suggestions.entries)


@given(st.text())
def test_tokens_cover_all_but_white_space(text: str) -> None:
    found = tokens(text)
    rest = list(text)
    for token in found:
        assert text[token.start : token.end] == token.text
        rest[token.start : token.end] = " " * len(token.text)
    assert not "".join(rest).strip()
