"""The same tokens, set otherwise."""

from __future__ import annotations

import ast
import io
import tokenize

from tests.mutation.project import Project
from tests.mutation.registry import disguise
from tests.mutation.source import Change, Changes, Source


@disguise
def exploded(_: Project, source: Source) -> Changes:
    """A line for each argument, with a comment."""
    changes: Changes = []
    depth = 0
    in_string = 0
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        name = tokenize.tok_name[token.type]
        in_string += {"FSTRING_START": 1, "FSTRING_END": -1}.get(name, 0)
        if token.type != tokenize.OP or in_string:
            continue
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.string, 0)
        if depth and token.string in "([{,":
            line, column = token.end
            place = source._lines[line - 1][0] + column
            changes.append(Change(place, place, "  # here\n        "))
    return changes


@disguise
def continued(_: Project, source: Source) -> Changes:
    """Line breaks behind backslashes in chains of calls."""
    return [
        Change(source.end(node.value), source.end(node.value), " \\\n        ")
        for node in source.find(ast.Attribute)
        if isinstance(node.value, ast.Call)
        and not source.within(node, ast.JoinedStr)
        and source.text[source.end(node.value)] == "."
    ]


@disguise
def behind_text(_: Project, source: Source) -> Changes:
    """Statements behind others on the same line, with characters of several bytes before them."""
    kinds = (ast.Expr, ast.Assign, ast.AnnAssign, ast.Return, ast.AugAssign)
    changes: Changes = []
    for statement in source.find(ast.stmt):
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if isinstance(statement, kinds) and source.is_alone(statement) and not is_text:
            place = source.start(statement)
            if not source.within(statement, ast.ClassDef):
                changes.append(Change(place, place, 'before = "é😀"; '))
    return changes


@disguise
def carriage_returns(_: Project, source: Source) -> Changes:
    """Line ends of two characters."""
    return [
        Change(offset, offset, "\r")
        for offset, character in enumerate(source.text)
        if character == "\n"
    ]


@disguise
def parenthesised(_: Project, source: Source) -> Changes:
    """Parentheses around calls, awaits, strings and what is called."""
    annotations = {
        inner
        for node in ast.walk(source.tree)
        for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if isinstance(annotation, ast.expr)
        for inner in ast.walk(annotation)
    }
    changes: Changes = []
    for node in source.find(ast.expr):
        if (
            not isinstance(node, ast.Call | ast.Await | ast.Constant | ast.Attribute)
            or node in annotations
            or source.within(node, ast.JoinedStr, ast.pattern)
        ):
            continue
        parent = source.parents[node]
        if isinstance(parent, ast.Expr) and isinstance(node, ast.Constant):
            continue  # a docstring
        is_loaded = not isinstance(node, ast.Attribute) or isinstance(node.ctx, ast.Load)
        if is_loaded and not isinstance(parent, ast.Attribute | ast.Await | ast.Starred):
            changes += source.wrap(node, "(", ")")
    return changes
