"""Statements and definitions: from ``ast`` nodes to those of a summary."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from convexity_compiler.span import Span
from convexity_compiler.summary import statements as s
from convexity_compiler.summary.expression_builder import OPERATORS, ExpressionBuilder
from convexity_compiler.summary.model import (
    Body,
    ClassField,
    ClassSummary,
    FunctionSummary,
    ImportSummary,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from convexity_compiler.summary.model import ModuleSummary, Placement
    from convexity_compiler.summary.places import Located

_TYPE_STATEMENT: Final = getattr(ast, "TypeAlias", None)
"""``type X = ...``, which Python has from 3.12 on."""


class StatementBuilder(ExpressionBuilder):
    """Builds the statements of one module, and collects its definitions and imports."""

    def __init__(
        self,
        text: str,
        place: Callable[[Located], Span],
        restore: Callable[[], None],
        known: ModuleSummary | None,
    ) -> None:
        """Take the text of the module, and what builds bodies again that were released.

        ``known`` is the summary whose bodies are built again; its definitions stay as they are.
        """
        super().__init__(place)
        self.imports: list[ImportSummary] = []
        self.functions: list[FunctionSummary] = []
        self.classes: list[ClassSummary] = []
        self._restore = restore
        self._known = known
        self._lines = text.split("\n")
        self._placement: Placement = "module"
        self._names: list[str] = []
        self._statements: dict[type[ast.AST], Callable[[Any], s.Statement]] = {
            ast.Expr: lambda n: s.Evaluate(place(n), self.expression(n.value)),
            ast.Return: lambda n: s.Return(place(n), self.optional(n.value)),
            ast.Assign: self._assign,
            ast.AnnAssign: self._annotated_assign,
            ast.AugAssign: self._augmented_assign,
            ast.Raise: lambda n: s.Raise(place(n), self.optional(n.exc), self.optional(n.cause)),
            ast.If: self._if,
            ast.For: lambda n: self._for(n, is_async=False),
            ast.AsyncFor: lambda n: self._for(n, is_async=True),
            ast.While: self._while,
            ast.With: lambda n: self._with(n, is_async=False),
            ast.AsyncWith: lambda n: self._with(n, is_async=True),
            ast.Try: lambda n: self._try(n, is_group=False),
            ast.TryStar: lambda n: self._try(n, is_group=True),
            ast.Match: self._match,
            ast.Delete: lambda n: s.Delete(place(n), self.expressions(n.targets)),
            ast.Assert: lambda n: s.Assert(place(n), self.expression(n.test), self.optional(n.msg)),
            ast.Global: lambda n: s.Scope(place(n), "global", tuple(n.names)),
            ast.Nonlocal: lambda n: s.Scope(place(n), "nonlocal", tuple(n.names)),
            ast.Pass: lambda n: s.Jump(place(n), "pass"),
            ast.Break: lambda n: s.Jump(place(n), "break"),
            ast.Continue: lambda n: s.Jump(place(n), "continue"),
            ast.Import: self.import_statement,
            ast.ImportFrom: self.import_statement,
            ast.FunctionDef: self.function_definition,
            ast.AsyncFunctionDef: self.function_definition,
            ast.ClassDef: self.class_definition,
        }
        if _TYPE_STATEMENT is not None:
            self._statements[_TYPE_STATEMENT] = self._type_statement

    def statement(self, node: ast.stmt) -> s.Statement:
        """Build one statement."""
        return self._statements[type(node)](node)

    def block(self, nodes: Sequence[ast.stmt]) -> tuple[s.Statement, ...]:
        """Build the statements of a block."""
        if not nodes:
            return ()
        statements = self._statements
        return tuple([statements[type(node)](node) for node in nodes])

    def place_definitions(self, placement: Placement) -> Placement:
        """Say where the definitions that follow stand; return where those before did."""
        outer, self._placement = self._placement, placement
        return outer

    def function_definition(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> s.FunctionDefinition:
        """Collect a function and return the statement that refers to it."""
        outer_yields = self.yields
        docstring = ast.get_docstring(node)
        if self._known is None:
            function = self._function(node, docstring)
        else:
            function = self._known.functions[len(self.functions)]
        self.functions.append(function)
        self.yields = False
        outer = self.place_definitions("function")
        self._names.append(node.name)
        function.body.fill(self.block(node.body if docstring is None else node.body[1:]))
        self._names.pop()
        self.place_definitions(outer)
        function.is_generator = self.yields
        self.yields = outer_yields
        return s.FunctionDefinition(self.place(node), function)

    def _function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, docstring: str | None
    ) -> FunctionSummary:
        return FunctionSummary(
            name=node.name,
            span=self._place_with_decorators(node),
            name_span=self._name_place(node, "def"),
            is_async=isinstance(node, ast.AsyncFunctionDef),
            parameters=self.parameters(node.args),
            returns=self.optional(node.returns),
            decorators=self.expressions(node.decorator_list),
            docstring=docstring,
            placement=self._placement,
            qualified_name=".".join((*self._names, node.name)),
            body_span=self.place(node.body[0]).through(self.place(node)),
            is_generator=False,
            body=Body(self._restore),
        )

    def class_definition(self, node: ast.ClassDef) -> s.ClassDefinition:
        """Collect a class and return the statement that refers to it."""
        index = len(self.classes)
        found = self._class(node) if self._known is None else self._known.classes[index]
        self.classes.append(found)
        outer = self.place_definitions("class")
        self._names.append(node.name)
        fields, methods = self._class_body(node)
        self._names.pop()
        self.place_definitions(outer)
        if self._known is None:
            found.fields, found.methods = fields, methods
        return s.ClassDefinition(self.place(node), found)

    def _class(self, node: ast.ClassDef) -> ClassSummary:
        return ClassSummary(
            name=node.name,
            span=self._place_with_decorators(node),
            name_span=self._name_place(node, "class"),
            bases=self.expressions(node.bases),
            keywords=tuple(
                (keyword.name, keyword.value) for keyword in self.keywords(node.keywords)
            ),
            decorators=self.expressions(node.decorator_list),
            type_parameters=tuple(entry.name for entry in getattr(node, "type_params", ())),
            docstring=ast.get_docstring(node),
            placement=self._placement,
            qualified_name=".".join((*self._names, node.name)),
            fields=(),
            methods=(),
        )

    def import_statement(self, node: ast.Import | ast.ImportFrom) -> s.Import:
        """Collect the names an import statement binds and return the statement."""
        bindings = []
        for alias in node.names:
            name: str | None = None
            if isinstance(node, ast.ImportFrom):
                module, level, name = node.module or "", node.level, alias.name
                bound = alias.asname or alias.name
            else:
                module, level = alias.name, 0
                bound = alias.asname or alias.name.partition(".")[0]
            bindings.append(
                ImportSummary(
                    self.place(alias),
                    module,
                    level,
                    name,
                    bound,
                    alias.asname is not None,
                    self._placement,
                )
            )
        self.imports.extend(bindings)
        return s.Import(self.place(node), tuple(bindings))

    def _class_body(
        self, node: ast.ClassDef
    ) -> tuple[tuple[ClassField, ...], tuple[FunctionSummary, ...]]:
        fields: list[ClassField] = []
        methods: list[FunctionSummary] = []
        for entry in node.body:
            built = self.statement(entry)
            if isinstance(built, s.FunctionDefinition):
                methods.append(built.function)
            elif isinstance(entry, ast.AnnAssign) and isinstance(entry.target, ast.Name):
                annotation, value = self.expression(entry.annotation), self.optional(entry.value)
                place = self.place(entry.target)
                fields.append(ClassField(place, entry.target.id, annotation, value))
            elif isinstance(entry, ast.Assign) and isinstance(built, s.Assign):
                target = entry.targets[0]
                if isinstance(target, ast.Name):
                    fields.append(ClassField(built.span, target.id, None, built.value))
        return tuple(fields), tuple(methods)

    def _place_with_decorators(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    ) -> Span:
        line, column, end_line, end_column = self.place(node)
        if node.decorator_list:
            line, column, _, _ = self.place(node.decorator_list[0])
            column = max(1, column - 1)
        return Span(line, column, end_line, end_column)

    def _name_place(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, keyword: str
    ) -> Span:
        """Place of the name of a definition; of its keyword where a backslash parts the two."""
        line, column, _, _ = self.place(node)
        text = self._lines[line - 1]
        start = text.find(keyword, column - 1)
        found = text.find(node.name, start + len(keyword)) if start >= 0 else -1
        if found < 0:
            return Span(line, column, line, column + len(keyword))
        return Span(line, found + 1, line, found + 1 + len(node.name))

    def _assign(self, node: ast.Assign) -> s.Assign:
        value = self.expression(node.value)
        return s.Assign(self.place(node), self.expressions(node.targets), value)

    def _annotated_assign(self, node: ast.AnnAssign) -> s.Assign:
        target = self.expression(node.target)
        value, annotation = self.optional(node.value), self.expression(node.annotation)
        return s.Assign(self.place(node), (target,), value, annotation)

    def _augmented_assign(self, node: ast.AugAssign) -> s.Assign:
        target, value = self.expression(node.target), self.expression(node.value)
        return s.Assign(self.place(node), (target,), value, None, OPERATORS[type(node.op)])

    def _type_statement(self, node: Any) -> s.Assign:
        target, value = self.expression(node.name), self.expression(node.value)
        return s.Assign(self.place(node), (target,), value, is_type_statement=True)

    def _if(self, node: ast.If) -> s.If:
        test = self.expression(node.test)
        return s.If(self.place(node), test, self.block(node.body), self.block(node.orelse))

    def _for(self, node: ast.For | ast.AsyncFor, *, is_async: bool) -> s.For:
        return s.For(
            self.place(node),
            self.expression(node.target),
            self.expression(node.iter),
            self.block(node.body),
            self.block(node.orelse),
            is_async,
        )

    def _while(self, node: ast.While) -> s.While:
        test = self.expression(node.test)
        return s.While(self.place(node), test, self.block(node.body), self.block(node.orelse))

    def _with(self, node: ast.With | ast.AsyncWith, *, is_async: bool) -> s.With:
        items = tuple(
            s.WithItem(
                self.place(item.context_expr),
                self.expression(item.context_expr),
                self.optional(item.optional_vars),
            )
            for item in node.items
        )
        return s.With(self.place(node), items, self.block(node.body), is_async)

    def _try(self, node: ast.Try | ast.TryStar, *, is_group: bool) -> s.Try:
        body = self.block(node.body)
        handlers = tuple(
            s.Handler(
                self.place(handler),
                self.optional(handler.type),
                handler.name,
                self.block(handler.body),
            )
            for handler in node.handlers
        )
        otherwise, final = self.block(node.orelse), self.block(node.finalbody)
        return s.Try(self.place(node), body, handlers, otherwise, final, is_group)

    def _match(self, node: ast.Match) -> s.Match:
        subject = self.expression(node.subject)
        cases = []
        for case in node.cases:
            body = self.block(case.body)
            cases.append(
                s.Case(
                    self.place(case.pattern).through(body[-1].span),
                    tuple(bound_names(case.pattern)),
                    _is_irrefutable(case.pattern),
                    self.optional(case.guard),
                    body,
                )
            )
        return s.Match(self.place(node), subject, tuple(cases))


def bound_names(pattern: ast.pattern) -> list[str]:
    """Return the names a match pattern binds, in order."""
    names = []
    for child in ast.walk(pattern):
        name = getattr(child, "rest", None)
        if isinstance(child, (ast.MatchAs, ast.MatchStar)):
            name = child.name
        if name is not None:
            names.append(name)
    return names


def _is_irrefutable(pattern: ast.pattern) -> bool:
    if isinstance(pattern, ast.MatchAs):
        return pattern.pattern is None or _is_irrefutable(pattern.pattern)
    if isinstance(pattern, ast.MatchOr):
        return any(_is_irrefutable(member) for member in pattern.patterns)
    return False
