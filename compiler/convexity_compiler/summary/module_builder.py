"""A whole module: from its syntax tree to its summary."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from convexity_compiler.summary import expressions as e
from convexity_compiler.summary import statements as s
from convexity_compiler.summary.comments import comments_of
from convexity_compiler.summary.model import Binding, ModuleSummary
from convexity_compiler.summary.places import place_finder
from convexity_compiler.summary.statement_builder import StatementBuilder, bound_names

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from convexity_compiler.summary.model import Placement


class ModuleBuilder(StatementBuilder):
    """Flattens the top level of a module: compound statements become what they bind and call."""

    def __init__(
        self, text: str, restore: Callable[[], None], known: ModuleSummary | None = None
    ) -> None:
        """Take the text of the module; the rest is as ``StatementBuilder`` has it."""
        super().__init__(text, place_finder(text), restore, known)
        self._text = text
        self.assignments: list[Binding[s.Assign]] = []
        self.statements: list[Binding[s.Statement]] = []

    def build(self, module: ast.Module, path: str, digest: str) -> ModuleSummary:
        """Return the summary of the module."""
        self._top_level(module.body, "module")
        return ModuleSummary(
            path=path,
            module=path.removesuffix(".py"),
            digest=digest,
            text=self._text,
            docstring=ast.get_docstring(module),
            imports=tuple(self.imports),
            assignments=tuple(self.assignments),
            functions=tuple(self.functions),
            classes=tuple(self.classes),
            statements=tuple(self.statements),
            comments=comments_of(self._text),
            future_annotations=any(
                entry.module == "__future__" and entry.name == "annotations"
                for entry in self.imports
            ),
        )

    def _top_level(self, nodes: Sequence[ast.stmt], placement: Placement) -> None:
        for node in nodes:
            self._top_level_statement(node, placement)

    def _top_level_statement(self, node: ast.stmt, placement: Placement) -> None:
        inner: Placement = "conditional" if placement == "module" else placement
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self.place_definitions(placement)
            self.function_definition(node)
        elif isinstance(node, ast.ClassDef):
            self.place_definitions(placement)
            self.class_definition(node)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            self.place_definitions(placement)
            self.import_statement(node)
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
                names = tuple(e.Name(place, name) for name in bound_names(case.pattern))
                if names:
                    assignment = s.Assign(place, names, None)
                    self.assignments.append(Binding(place, assignment, inner))
                self._top_level(case.body, inner)
        else:
            statement = self.statement(node)
            if isinstance(statement, s.Assign):
                self.assignments.append(Binding(statement.span, statement, placement))
            else:
                self.statements.append(Binding(statement.span, statement, placement))

    def _evaluate(self, node: ast.expr, placement: Placement) -> None:
        place = self.place(node)
        statement = s.Evaluate(place, self.expression(node))
        self.statements.append(Binding(place, statement, placement))

    def _bind(self, targets: list[ast.expr], placement: Placement) -> None:
        for target in targets:
            place = self.place(target)
            statement = s.Assign(place, (self.expression(target),), None)
            self.assignments.append(Binding(place, statement, placement))


def _is_type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", None)
    return name == "TYPE_CHECKING"
