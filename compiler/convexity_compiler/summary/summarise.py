"""Summarise one module: parse it once, keep what later stages need, drop the tree."""

from __future__ import annotations

import ast
import sys
import warnings

from convexity_compiler.span import Span
from convexity_compiler.summary.digests import source_digest
from convexity_compiler.summary.model import ModuleSummary, Problem
from convexity_compiler.summary.module_builder import ModuleBuilder
from convexity_compiler.summary.source import decode_source


def summarise(source: bytes, path: str) -> ModuleSummary:
    """Summarise the module at ``path`` (relative to the functions folder, with slashes).

    Never raises for any content: what cannot be parsed has ``problem`` set.
    """
    return summarise_text(decode_source(source), path, source_digest(source))


def summarise_text(text: str | Problem, path: str, digest: str) -> ModuleSummary:
    """Summarise a module whose content is known by ``digest``; see ``summarise``."""
    if isinstance(text, Problem):
        return _without_content(path, digest, "", text)
    try:
        return _build(text, path, digest)
    except SyntaxError as error:
        problem = Problem(_error_span(error, text), "syntax", error.msg or "invalid syntax")
    except (RecursionError, MemoryError):
        message = "expressions are nested too deeply to be parsed; split the module"
        problem = Problem(Span(1, 1, 1, 1), "depth", message)
    except ValueError as error:
        problem = Problem(Span(1, 1, 1, 1), "syntax", str(error))
    return _without_content(path, digest, text, problem)


def _build(text: str, path: str, digest: str, known: ModuleSummary | None = None) -> ModuleSummary:
    """Build a summary, or once more the bodies of one that is ``known``."""

    def restore() -> None:
        # It was possible before; how deep this call stands must not make it impossible.
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(limit + limit)
        try:
            _build(text, path, digest, summary)
        finally:
            sys.setrecursionlimit(limit)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = ast.parse(text)
    builder = ModuleBuilder(text, restore, known)
    summary = builder.build(module, path, digest)
    vars(builder).clear()  # it refers to itself, and no collector runs during a check
    return summary


def _without_content(path: str, digest: str, text: str, problem: Problem) -> ModuleSummary:
    """Return the summary of a module that could not be read."""
    return ModuleSummary(
        path=path, module=path.removesuffix(".py"), digest=digest, text=text, problem=problem
    )


def _error_span(error: SyntaxError, text: str) -> Span:
    """Place of a syntax error, within the text and never empty."""
    lines = text.split("\n")
    line = min(max(error.lineno or 1, 1), len(lines))
    column = min(max(error.offset or 1, 1), len(lines[line - 1]) + 1)
    end_line = min(max(error.end_lineno or line, line), len(lines))
    end_column = min(max(error.end_offset or 0, 1), len(lines[end_line - 1]) + 1)
    if (end_line, end_column) <= (line, column):
        end_line, end_column = line, column + 1
    return Span(line, column, end_line, end_column)
