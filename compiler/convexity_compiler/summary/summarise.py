"""Summarise one module: parse it once, keep what later stages need, drop the tree."""

from __future__ import annotations

import ast
import json
import warnings
from typing import TYPE_CHECKING

from convexity_compiler.span import Span
from convexity_compiler.summary.decode import SummaryDecoder
from convexity_compiler.summary.digests import source_digest
from convexity_compiler.summary.model import ModuleSummary, Problem
from convexity_compiler.summary.module_tree import ModuleTree
from convexity_compiler.summary.source import decode_source

if TYPE_CHECKING:
    from convexity_compiler.summary.tags import Tree


def summarise(source: bytes, path: str) -> ModuleSummary:
    """Summarise the module at ``path`` (relative to the functions folder, with slashes).

    Never raises for any content: what cannot be parsed has ``problem`` set.
    """
    digest = source_digest(source)
    text = decode_source(source)
    if isinstance(text, Problem):
        return without_content(path, digest, "", text)
    trees = build_trees(text)
    if isinstance(trees, Problem):
        return without_content(path, digest, text, trees)
    head, bodies = trees
    return SummaryDecoder(head, bodies).module(path, digest, text)


def dump(tree: Tree) -> str:
    """Return the JSON text of a tree on one line, in ASCII."""
    return json.dumps(tree, separators=(",", ":"), check_circular=False)


def build_trees(text: str) -> tuple[Tree, list[Tree]] | Problem:
    """Parse a module into its head and the bodies of its functions."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = ast.parse(text)
        builder = ModuleTree(text)
        head, bodies = builder.build(module), builder.bodies
        vars(builder).clear()  # it refers to itself, and no collector runs during a check
        return head, bodies
    except SyntaxError as error:
        return Problem(_error_span(error, text), "syntax", error.msg or "invalid syntax")
    except (RecursionError, MemoryError):
        message = "expressions are nested too deeply to be parsed; split the module"
        return Problem(Span(1, 1, 1, 1), "depth", message)
    except ValueError as error:
        return Problem(Span(1, 1, 1, 1), "syntax", str(error))


def without_content(path: str, digest: str, text: str, problem: Problem) -> ModuleSummary:
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
