"""A module as text and tree at once: what is found in the tree is changed in the text."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, TypeAlias, TypeVar

Function: TypeAlias = ast.AsyncFunctionDef | ast.FunctionDef
Node = TypeVar("Node", bound=ast.AST)

KINDS = {
    "query": "query",
    "internal_query": "query",
    "mutation": "mutation",
    "internal_mutation": "mutation",
    "action": "action",
    "internal_action": "action",
}
"""Kind of function by registrar."""


class Change(NamedTuple):
    """Text to put in the place of the characters from ``start`` to ``end``."""

    start: int
    end: int
    text: str


Changes: TypeAlias = list[Change]


@dataclass(frozen=True)
class Registration:
    """A registered function with the decorator that registers it."""

    function: Function
    decorator: ast.Call
    registrar: str

    @property
    def kind(self) -> str:
        return KINDS[self.registrar]

    def keyword(self, name: str) -> ast.expr | None:
        """Return the value of an argument of the decorator."""
        return next((word.value for word in self.decorator.keywords if word.arg == name), None)

    @property
    def arguments(self) -> list[ast.arg]:
        """The parameters behind ``ctx``."""
        return [*self.function.args.args[1:], *self.function.args.kwonlyargs]

    @property
    def body(self) -> list[ast.stmt]:
        """The statements behind the docstring; a body that is a docstring alone counts."""
        return self.function.body[1 if has_docstring(self.function) else 0 :] or self.function.body


@dataclass(frozen=True)
class Source:
    """A module of a project."""

    path: str
    """Below the root of the project."""
    text: str
    tree: ast.Module = field(repr=False)

    @classmethod
    def parse(cls, path: str, text: str) -> Source:
        return cls(path, text, ast.parse(text))

    @cached_property
    def _lines(self) -> list[tuple[int, str]]:
        lines, offset = [], 0
        for line in self.text.splitlines(keepends=True):
            lines.append((offset, line))
            offset += len(line)
        return [*lines, (offset, "")]

    def _offset(self, line: int, column: int) -> int:
        start, text = self._lines[line - 1]
        return start + (column if text.isascii() else len(text.encode()[:column].decode()))

    def start(self, node: ast.expr | ast.stmt | ast.keyword | ast.arg) -> int:
        """Where a node begins; a decorated definition begins at its first decorator."""
        decorators = getattr(node, "decorator_list", [])
        if decorators:
            return self._offset(decorators[0].lineno, decorators[0].col_offset) - 1
        return self._offset(node.lineno, node.col_offset)

    def keyword_start(self, node: ast.stmt) -> int:
        """Where a definition's own first word is, behind its decorators."""
        return self._offset(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt | ast.keyword | ast.arg) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._offset(node.end_lineno, node.end_col_offset)

    def line_start(self, node: ast.stmt) -> int:
        """Where the line begins on which a statement begins."""
        return self.text.rfind("\n", 0, self.start(node)) + 1

    def is_alone(self, node: ast.stmt) -> bool:
        """Whether nothing but indentation is before a statement on its line."""
        return not self.text[self.line_start(node) : self.start(node)].strip()

    def indentation(self, node: ast.stmt) -> str:
        return self.text[self.line_start(node) : self.start(node)]

    def segment(self, node: ast.expr | ast.stmt | ast.keyword | ast.arg) -> str:
        return self.text[self.start(node) : self.end(node)]

    def replace(self, node: ast.expr | ast.stmt | ast.keyword | ast.arg, text: str) -> Change:
        return Change(self.start(node), self.end(node), text)

    def wrap(self, node: ast.expr, before: str, after: str) -> Changes:
        start, end = self.start(node), self.end(node)
        return [Change(start, start, before), Change(end, end, after)]

    def rename(self, function: Function, name: str) -> Change:
        """Change the name behind ``def``."""
        start = self.text.index(function.name, self.keyword_start(function) + len("def "))
        return Change(start, start + len(function.name), name)

    def attribute(self, node: ast.Attribute, name: str) -> Change:
        """Change the name behind the dot."""
        return Change(self.end(node) - len(node.attr), self.end(node), name)

    def call(self, node: ast.Call, arguments: Iterable[str]) -> Change:
        """Give a call other arguments."""
        return Change(self.end(node.func), self.end(node), f"({', '.join(arguments)})")

    def arguments(self, node: ast.Call, *, without: str = "") -> list[str]:
        """Return the texts of the arguments of a call, but for a keyword."""
        return [
            *map(self.segment, node.args),
            *(self.segment(word) for word in node.keywords if word.arg != without),
        ]

    def header(self, function: Function) -> str:
        """Return the text from ``def``'s name to the colon and the line end behind it."""
        name_end = self.text.index(function.name, self.keyword_start(function)) + len(function.name)
        return self.text[name_end : self.line_start(function.body[0])]

    def apply(self, changes: Iterable[Change]) -> str:
        """Return the text after changes that do not overlap."""
        text = self.text
        for change in sorted(changes, reverse=True):
            text = text[: change.start] + change.text + text[change.end :]
        return text

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        return {
            child: parent
            for parent in ast.walk(self.tree)
            for child in ast.iter_child_nodes(parent)
        }

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield what a node is in, from the inside."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def within(self, node: ast.AST, *kinds: type[ast.AST]) -> bool:
        return any(isinstance(parent, kinds) for parent in self.above(node))

    def statement(self, node: ast.AST) -> ast.stmt:
        """Return the innermost statement that a node is in."""
        return next(parent for parent in (node, *self.above(node)) if isinstance(parent, ast.stmt))

    def find(self, kind: type[Node]) -> Iterator[Node]:
        """Yield the nodes of a kind in the order of the text."""
        for node in self._nodes:
            if isinstance(node, kind):
                yield node

    @cached_property
    def _nodes(self) -> list[ast.AST]:
        found = [node for node in ast.walk(self.tree) if hasattr(node, "col_offset")]
        return sorted(found, key=lambda node: (node.lineno, node.col_offset))  # type: ignore[attr-defined]

    def method_calls(self, *names: str) -> Iterator[tuple[ast.Call, ast.Attribute]]:
        """Yield the calls of methods of these names, and what is called."""
        for call in self.find(ast.Call):
            if isinstance(call.func, ast.Attribute) and call.func.attr in names:
                yield call, call.func

    @cached_property
    def registrations(self) -> list[Registration]:
        """The registered functions, but for HTTP actions."""
        found = []
        for node in self.tree.body:
            if not isinstance(node, Function):
                continue
            for decorator in node.decorator_list:
                name = last_name(decorator.func) if isinstance(decorator, ast.Call) else ""
                if isinstance(decorator, ast.Call) and name in KINDS:
                    found.append(Registration(node, decorator, name))
                    break
        return found

    def functions_with_ctx(self) -> Iterator[Function]:
        """Yield the functions whose first parameter is ``ctx``."""
        for node in self.tree.body:
            if isinstance(node, Function) and node.args.args and node.args.args[0].arg == "ctx":
                yield node

    def after_imports(self) -> int:
        """Return where module constants can be put."""
        places = [
            self.end(node)
            for node in self.tree.body
            if isinstance(node, ast.Import | ast.ImportFrom)
            or (isinstance(node, ast.If) and "TYPE_CHECKING" in self.segment(node.test))
        ]
        return max(places) if places else 0

    def after_future(self) -> int:
        """Return where imports can be put: behind the docstring and ``__future__``."""
        place = 0
        for node in self.tree.body:
            is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            is_future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
            if is_docstring or is_future:
                place = self.end(node)
        return place


def last_name(node: ast.expr) -> str:
    """Return the name a call is by: ``query`` for ``query`` and for ``server.query``."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def has_docstring(function: Function) -> bool:
    return ast.get_docstring(function, clean=False) is not None
