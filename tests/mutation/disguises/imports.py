"""Imports in other places."""

from __future__ import annotations

import ast

from tests.mutation.project import Project
from tests.mutation.registry import disguise
from tests.mutation.source import Change, Changes, Source


def _generated(source: Source, *modules: str) -> list[ast.ImportFrom]:
    return [
        node
        for node in source.tree.body
        if isinstance(node, ast.ImportFrom)
        and node.level
        and node.module in [f"_generated.{module}" for module in modules]
    ]


@disguise
def conditional_import(_: Project, source: Source) -> Changes:
    """Generated names imported under ``try``."""
    return [
        source.replace(
            node,
            "try:\n    "
            + source.segment(node).replace("\n", "\n    ")
            + "\nexcept ImportError:\n    raise",
        )
        for node in _generated(source, "api", "server")
    ]


@disguise
def type_checking_import(_: Project, source: Source) -> Changes:
    """Types imported under ``TYPE_CHECKING``."""
    annotations = {
        inner
        for node in ast.walk(source.tree)
        for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if isinstance(annotation, ast.expr)
        for inner in ast.walk(annotation)
    }
    run_time = {
        node.id
        for node in source.find(ast.Name)
        if node not in annotations and isinstance(node.ctx, ast.Load)
    }
    movable = [
        node
        for node in _generated(source, "data_model")
        if run_time.isdisjoint(alias.asname or alias.name for alias in node.names)
    ]
    if not movable:
        return []
    changes = [
        source.replace(
            node,
            "import typing\n\nif typing.TYPE_CHECKING:\n    "
            + source.segment(node).replace("\n", "\n    "),
        )
        for node in movable
    ]
    if "from __future__ import annotations" not in source.text:
        first = source.tree.body[0]
        place = source.end(first) if isinstance(first, ast.Expr) else 0
        changes.append(Change(place, place, "\nfrom __future__ import annotations\n"))
    return changes
