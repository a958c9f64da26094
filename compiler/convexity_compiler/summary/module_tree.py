"""A whole module: from its syntax tree to the lists of a serialised summary."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from convexity_compiler.summary import statements as s
from convexity_compiler.summary.comments import comment_trees
from convexity_compiler.summary.places import place_finder
from convexity_compiler.summary.statement_trees import StatementTrees, bound_names
from convexity_compiler.summary.tags import tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convexity_compiler.summary.model import Placement
    from convexity_compiler.summary.tags import Tree

_EVALUATE: Final = tag(s.Evaluate)
_ASSIGN: Final = tag(s.Assign)


class ModuleTree(StatementTrees):
    """Flattens the top level of a module: compound statements become what they bind and call."""

    def __init__(self, text: str) -> None:
        super().__init__(text, place_finder(text))
        self._text = text
        self.assignments: list[Tree] = []
        self.statements: list[Tree] = []

    def build(self, module: ast.Module) -> Tree:
        """Return the head of the summary: everything but the bodies of functions."""
        self._top_level(module.body, "module")
        return {
            "docstring": ast.get_docstring(module),
            "imports": self.imports,
            "assignments": self.assignments,
            "functions": self.functions,
            "classes": self.classes,
            "statements": self.statements,
            "comments": comment_trees(self._text),
        }

    def _top_level(self, nodes: Sequence[ast.stmt], placement: Placement) -> None:
        for node in nodes:
            self._top_level_statement(node, placement)

    def _top_level_statement(self, node: ast.stmt, placement: Placement) -> None:
        inner: Placement = "conditional" if placement == "module" else placement
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self.within(placement, lambda: self.function_definition(node))
        elif isinstance(node, ast.ClassDef):
            self.within(placement, lambda: self.class_definition(node))
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            self.within(placement, lambda: self.import_statement(node))
        elif isinstance(node, ast.If):
            self._evaluate(node.test, placement)
            is_static = _is_type_checking(node.test)
            self._top_level(node.body, "type_checking" if is_static else inner)
            self._top_level(node.orelse, inner)
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            self._evaluate(node.iter, placement)
            self._bind([node.target], inner)
            self._top_level([*node.body, *node.orelse], inner)
        elif isinstance(node, ast.While):
            self._evaluate(node.test, placement)
            self._top_level([*node.body, *node.orelse], inner)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                self._evaluate(item.context_expr, placement)
            self._bind([item.optional_vars for item in node.items if item.optional_vars], inner)
            self._top_level(node.body, inner)
        elif isinstance(node, (ast.Try, ast.TryStar)):
            handled = [statement for handler in node.handlers for statement in handler.body]
            self._top_level([*node.body, *handled, *node.orelse, *node.finalbody], inner)
        elif isinstance(node, ast.Match):
            self._evaluate(node.subject, placement)
            for case in node.cases:
                place = self.place(case.pattern)
                names = [ast.Name(name, ast.Store()) for name in bound_names(case.pattern)]
                for name in names:
                    name.lineno, name.col_offset = case.pattern.lineno, case.pattern.col_offset
                    name.end_lineno = case.pattern.end_lineno
                    name.end_col_offset = case.pattern.end_col_offset
                if names:
                    targets = self.expressions(names)
                    tree = [_ASSIGN, *place, targets, None, None, "", False]
                    self.assignments.append([tree, inner])
                self._top_level(case.body, inner)
        else:
            tree = self.statement(node)
            found = self.assignments if tree[0] == _ASSIGN else self.statements
            found.append([tree, placement])

    def _evaluate(self, node: ast.expr, placement: Placement) -> None:
        self.statements.append([[_EVALUATE, *self.place(node), self.expression(node)], placement])

    def _bind(self, targets: list[ast.expr], placement: Placement) -> None:
        for target in targets:
            tree = [_ASSIGN, *self.place(target), self.expressions([target]), None, None, "", False]
            self.assignments.append([tree, placement])


def _is_type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", None)
    return name == "TYPE_CHECKING"
