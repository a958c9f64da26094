"""Statements and definitions: from ``ast`` nodes to the lists of a serialised summary."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from convexity_compiler.summary import statements as s
from convexity_compiler.summary.expression_trees import OPERATORS, ExpressionTrees
from convexity_compiler.summary.model import ClassField, ImportSummary
from convexity_compiler.summary.tags import tag

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from convexity_compiler.summary.model import Placement
    from convexity_compiler.summary.places import Located, Place
    from convexity_compiler.summary.tags import Tree

_EVALUATE: Final = tag(s.Evaluate)
_ASSIGN: Final = tag(s.Assign)
_RETURN: Final = tag(s.Return)
_RAISE: Final = tag(s.Raise)
_IF: Final = tag(s.If)
_FOR: Final = tag(s.For)
_WHILE: Final = tag(s.While)
_WITH_ITEM: Final = tag(s.WithItem)
_WITH: Final = tag(s.With)
_HANDLER: Final = tag(s.Handler)
_TRY: Final = tag(s.Try)
_CASE: Final = tag(s.Case)
_MATCH: Final = tag(s.Match)
_DELETE: Final = tag(s.Delete)
_ASSERT: Final = tag(s.Assert)
_SCOPE: Final = tag(s.Scope)
_JUMP: Final = tag(s.Jump)
_IMPORT: Final = tag(s.Import)
_FUNCTION_DEFINITION: Final = tag(s.FunctionDefinition)
_CLASS_DEFINITION: Final = tag(s.ClassDefinition)
_IMPORT_SUMMARY: Final = tag(ImportSummary)
_CLASS_FIELD: Final = tag(ClassField)

_TYPE_STATEMENT: Final = getattr(ast, "TypeAlias", None)
"""``type X = ...``, which Python has from 3.12 on."""


class StatementTrees(ExpressionTrees):
    """Turns the statements of one module into lists, and collects its definitions and imports."""

    def __init__(self, text: str, place: Callable[[Located], Place]) -> None:
        super().__init__(place)
        self.imports: list[Tree] = []
        self.functions: list[Tree] = []
        self.bodies: list[Tree] = []
        """Statements of each of ``functions``."""
        self.classes: list[Tree] = []
        self._lines = text.split("\n")
        self._placement: Placement = "module"
        self._names: list[str] = []
        self._statements: dict[type[ast.AST], Callable[[Any], Tree]] = {
            ast.Expr: lambda n: [_EVALUATE, *place(n), self.expression(n.value)],
            ast.Return: lambda n: [_RETURN, *place(n), self.optional(n.value)],
            ast.Assign: self._assign,
            ast.AnnAssign: self._annotated_assign,
            ast.AugAssign: self._augmented_assign,
            ast.Raise: self._raise,
            ast.If: self._if,
            ast.For: lambda n: self._for(n, is_async=False),
            ast.AsyncFor: lambda n: self._for(n, is_async=True),
            ast.While: self._while,
            ast.With: lambda n: self._with(n, is_async=False),
            ast.AsyncWith: lambda n: self._with(n, is_async=True),
            ast.Try: lambda n: self._try(n, is_group=False),
            ast.TryStar: lambda n: self._try(n, is_group=True),
            ast.Match: self._match,
            ast.Delete: lambda n: [_DELETE, *place(n), self.expressions(n.targets)],
            ast.Assert: lambda n: [
                _ASSERT,
                *place(n),
                self.expression(n.test),
                self.optional(n.msg),
            ],
            ast.Global: lambda n: [_SCOPE, *place(n), "global", n.names],
            ast.Nonlocal: lambda n: [_SCOPE, *place(n), "nonlocal", n.names],
            ast.Pass: lambda n: [_JUMP, *place(n), "pass"],
            ast.Break: lambda n: [_JUMP, *place(n), "break"],
            ast.Continue: lambda n: [_JUMP, *place(n), "continue"],
            ast.Import: self.import_statement,
            ast.ImportFrom: self.import_statement,
            ast.FunctionDef: self.function_definition,
            ast.AsyncFunctionDef: self.function_definition,
            ast.ClassDef: self.class_definition,
        }
        if _TYPE_STATEMENT is not None:
            self._statements[_TYPE_STATEMENT] = self._type_statement

    def statement(self, node: ast.stmt) -> Tree:
        """Return the tree of one statement."""
        return self._statements[type(node)](node)

    def block(self, nodes: Sequence[ast.stmt]) -> Tree:
        """Return the trees of a block."""
        statements = self._statements
        return [statements[type(node)](node) for node in nodes]

    def within(self, placement: Placement, build: Callable[[], Tree], name: str = "") -> Tree:
        """Run ``build`` with definitions placed in ``placement``, named below ``name``."""
        outer = self._placement
        self._placement = placement
        if name:
            self._names.append(name)
        tree = build()
        if name:
            self._names.pop()
        self._placement = outer
        return tree

    def function_definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Tree:
        """Collect a function and return the statement that refers to it."""
        index = len(self.functions)
        self.functions.append(None)
        self.bodies.append(None)
        docstring = ast.get_docstring(node)
        outer_yields, self.yields = self.yields, False
        statements = node.body if docstring is None else node.body[1:]
        head = [
            node.name,
            self._place_with_decorators(node),
            self._name_place(node, "def"),
            isinstance(node, ast.AsyncFunctionDef),
            self.parameters(node.args),
            self.optional(node.returns),
            self.expressions(node.decorator_list),
            docstring,
            self._placement,
            ".".join((*self._names, node.name)),
            [*self.place(node.body[0])[:2], *self.place(node)[2:]],
        ]
        self.yields = False
        body = self.within("function", lambda: self.block(statements), node.name)
        head.append(self.yields)
        self.yields = outer_yields
        self.functions[index] = head
        self.bodies[index] = body
        return [_FUNCTION_DEFINITION, *self.place(node), index]

    def class_definition(self, node: ast.ClassDef) -> Tree:
        """Collect a class and return the statement that refers to it."""
        index = len(self.classes)
        self.classes.append(None)
        placement = self._placement
        bases = self.expressions(node.bases)
        keywords = self.keywords(node.keywords)
        decorators = self.expressions(node.decorator_list)
        class_fields: list[Tree] = []
        methods: list[int] = []
        self.within("class", lambda: self._class_body(node, class_fields, methods), node.name)
        self.classes[index] = [
            node.name,
            self._place_with_decorators(node),
            self._name_place(node, "class"),
            bases,
            keywords,
            decorators,
            [parameter.name for parameter in getattr(node, "type_params", ())],
            ast.get_docstring(node),
            placement,
            ".".join((*self._names, node.name)),
            class_fields,
            methods,
        ]
        return [_CLASS_DEFINITION, *self.place(node), index]

    def import_statement(self, node: ast.Import | ast.ImportFrom) -> Tree:
        """Collect the names an import statement binds and return the statement."""
        bindings = []
        for alias in node.names:
            if isinstance(node, ast.ImportFrom):
                module, level, name = node.module or "", node.level, alias.name
                bound = alias.asname or alias.name
            else:
                module, level, name = alias.name, 0, None
                bound = alias.asname or alias.name.partition(".")[0]
            bindings.append(
                [
                    _IMPORT_SUMMARY,
                    *self.place(alias),
                    module,
                    level,
                    name,
                    bound,
                    alias.asname is not None,
                    self._placement,
                ]
            )
        self.imports.extend(bindings)
        return [_IMPORT, *self.place(node), bindings]

    def _class_body(self, node: ast.ClassDef, class_fields: list[Tree], methods: list[int]) -> None:
        for statement in node.body:
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                methods.append(len(self.functions))
            tree = self.statement(statement)
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                class_fields.append(
                    [
                        _CLASS_FIELD,
                        *self.place(statement.target),
                        statement.target.id,
                        self.expression(statement.annotation),
                        self.optional(statement.value),
                    ]
                )
            elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                target = statement.targets[0]
                class_fields.append([_CLASS_FIELD, *tree[1:5], target.id, None, tree[6]])

    def _place_with_decorators(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    ) -> list[int]:
        line, column, end_line, end_column = self.place(node)
        if node.decorator_list:
            line, column, _, _ = self.place(node.decorator_list[0])
            column = max(1, column - 1)
        return [line, column, end_line, end_column]

    def _name_place(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, keyword: str
    ) -> list[int]:
        """Place of the name of a definition; of its keyword where a backslash parts the two."""
        line, column, _, _ = self.place(node)
        text = self._lines[line - 1]
        start = text.find(keyword, column - 1)
        found = text.find(node.name, start + len(keyword)) if start >= 0 else -1
        if found < 0:
            return [line, column, line, column + len(keyword)]
        return [line, found + 1, line, found + 1 + len(node.name)]

    def _assign(self, node: ast.Assign) -> Tree:
        value = self.expression(node.value)
        return [_ASSIGN, *self.place(node), self.expressions(node.targets), value, None, "", False]

    def _annotated_assign(self, node: ast.AnnAssign) -> Tree:
        return [
            _ASSIGN,
            *self.place(node),
            [self.expression(node.target)],
            self.optional(node.value),
            self.expression(node.annotation),
            "",
            False,
        ]

    def _augmented_assign(self, node: ast.AugAssign) -> Tree:
        return [
            _ASSIGN,
            *self.place(node),
            [self.expression(node.target)],
            self.expression(node.value),
            None,
            OPERATORS[type(node.op)],
            False,
        ]

    def _type_statement(self, node: Any) -> Tree:
        return [
            _ASSIGN,
            *self.place(node),
            [self.expression(node.name)],
            self.expression(node.value),
            None,
            "",
            True,
        ]

    def _raise(self, node: ast.Raise) -> Tree:
        return [_RAISE, *self.place(node), self.optional(node.exc), self.optional(node.cause)]

    def _if(self, node: ast.If) -> Tree:
        return [
            _IF,
            *self.place(node),
            self.expression(node.test),
            self.block(node.body),
            self.block(node.orelse),
        ]

    def _for(self, node: ast.For | ast.AsyncFor, *, is_async: bool) -> Tree:
        return [
            _FOR,
            *self.place(node),
            self.expression(node.target),
            self.expression(node.iter),
            self.block(node.body),
            self.block(node.orelse),
            is_async,
        ]

    def _while(self, node: ast.While) -> Tree:
        return [
            _WHILE,
            *self.place(node),
            self.expression(node.test),
            self.block(node.body),
            self.block(node.orelse),
        ]

    def _with(self, node: ast.With | ast.AsyncWith, *, is_async: bool) -> Tree:
        items = [
            [
                _WITH_ITEM,
                *self.place(item.context_expr),
                self.expression(item.context_expr),
                self.optional(item.optional_vars),
            ]
            for item in node.items
        ]
        return [_WITH, *self.place(node), items, self.block(node.body), is_async]

    def _try(self, node: ast.Try | ast.TryStar, *, is_group: bool) -> Tree:
        handlers = [
            [
                _HANDLER,
                *self.place(handler),
                self.optional(handler.type),
                handler.name,
                self.block(handler.body),
            ]
            for handler in node.handlers
        ]
        return [
            _TRY,
            *self.place(node),
            self.block(node.body),
            handlers,
            self.block(node.orelse),
            self.block(node.finalbody),
            is_group,
        ]

    def _match(self, node: ast.Match) -> Tree:
        cases = []
        for case in node.cases:
            body = self.block(case.body)
            cases.append(
                [
                    _CASE,
                    *self.place(case.pattern)[:2],
                    *body[-1][3:5],
                    bound_names(case.pattern),
                    _is_irrefutable(case.pattern),
                    self.optional(case.guard),
                    body,
                ]
            )
        return [_MATCH, *self.place(node), self.expression(node.subject), cases]


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
