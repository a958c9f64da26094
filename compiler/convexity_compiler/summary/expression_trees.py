"""Expressions: from ``ast`` nodes to the lists of a serialised summary."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from convexity_compiler.summary import expressions as e
from convexity_compiler.summary.model import Parameter
from convexity_compiler.summary.tags import tag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from convexity_compiler.summary.places import Located, Place
    from convexity_compiler.summary.tags import Tree

_CONSTANT: Final = tag(e.Constant)
_NAME: Final = tag(e.Name)
_ATTRIBUTE: Final = tag(e.Attribute)
_KEYWORD: Final = tag(e.Keyword)
_CALL: Final = tag(e.Call)
_SUBSCRIPT: Final = tag(e.Subscript)
_STARRED: Final = tag(e.Starred)
_LIST: Final = tag(e.List)
_TUPLE: Final = tag(e.Tuple)
_DICT_ITEM: Final = tag(e.DictItem)
_DICT: Final = tag(e.Dict)
_UNARY: Final = tag(e.Unary)
_BINARY: Final = tag(e.Binary)
_BOOLEAN: Final = tag(e.Boolean)
_COMPARE: Final = tag(e.Compare)
_CONDITIONAL: Final = tag(e.Conditional)
_INTERPOLATION: Final = tag(e.Interpolation)
_FORMATTED: Final = tag(e.FormattedString)
_AWAIT: Final = tag(e.Await)
_WALRUS: Final = tag(e.Walrus)
_LAMBDA: Final = tag(e.Lambda)
_GENERATOR: Final = tag(e.Generator)
_COMPREHENSION: Final = tag(e.Comprehension)
_OPAQUE: Final = tag(e.Opaque)
_PARAMETER: Final = tag(Parameter)

OPERATORS: Final[dict[type[ast.AST], str]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.MatMult: "@",
    ast.Div: "/",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.BitAnd: "&",
    ast.FloorDiv: "//",
    ast.Not: "not",
    ast.UAdd: "+",
    ast.USub: "-",
    ast.Invert: "~",
    ast.And: "and",
    ast.Or: "or",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}

_LARGEST_PLAIN_INTEGER: Final = 2**53
_CONVERSIONS: Final = {-1: "", 115: "s", 114: "r", 97: "a"}


class ExpressionTrees:
    """Turns expressions of one module into lists."""

    def __init__(self, place: Callable[[Located], Place]) -> None:
        self.place = place
        self.yields = False
        """Whether a ``yield`` was met; reset by whoever enters a function."""
        self._dispatch: dict[type[ast.AST], Callable[[Any], Tree]] = {
            ast.Constant: self._constant,
            ast.Name: self._name,
            ast.Attribute: self._attribute,
            ast.Call: self._call,
            ast.Subscript: self._subscript,
            ast.Starred: lambda n: [_STARRED, *place(n), self.expression(n.value)],
            ast.List: lambda n: [_LIST, *place(n), self.expressions(n.elts)],
            ast.Tuple: lambda n: [_TUPLE, *place(n), self.expressions(n.elts)],
            ast.Dict: self._dict,
            ast.UnaryOp: self._unary,
            ast.BinOp: self._binary,
            ast.BoolOp: self._boolean,
            ast.Compare: self._compare,
            ast.IfExp: self._conditional,
            ast.JoinedStr: lambda n: [_FORMATTED, *place(n), self.expressions(n.values)],
            ast.FormattedValue: self._interpolation,
            ast.Await: lambda n: [_AWAIT, *place(n), self.expression(n.value)],
            ast.NamedExpr: self._walrus,
            ast.Lambda: self._lambda,
            ast.ListComp: lambda n: self._comprehension("list", None, n.elt, n),
            ast.SetComp: lambda n: self._comprehension("set", None, n.elt, n),
            ast.GeneratorExp: lambda n: self._comprehension("generator", None, n.elt, n),
            ast.DictComp: lambda n: self._comprehension("dict", n.key, n.value, n),
            ast.Yield: self._yield,
            ast.YieldFrom: self._yield,
        }

    def expression(self, node: ast.expr) -> Tree:
        """Return the tree of one expression."""
        return self._dispatch.get(type(node), self._opaque)(node)

    def expressions(self, nodes: Iterable[ast.expr]) -> Tree:
        """Return the trees of several expressions."""
        dispatch = self._dispatch
        opaque = self._opaque
        return [dispatch.get(type(node), opaque)(node) for node in nodes]

    def optional(self, node: ast.expr | None) -> Tree:
        """Return the tree of an expression that may be missing."""
        return None if node is None else self.expression(node)

    def parameters(self, arguments: ast.arguments) -> Tree:
        """Return the trees of a signature's parameters in order."""
        positional = [*arguments.posonlyargs, *arguments.args]
        first_default = len(positional) - len(arguments.defaults)
        trees = []
        for index, argument in enumerate(positional):
            kind = "positional_only" if index < len(arguments.posonlyargs) else "positional"
            default = arguments.defaults[index - first_default] if index >= first_default else None
            trees.append(self._parameter(argument, kind, default))
        if arguments.vararg:
            trees.append(self._parameter(arguments.vararg, "var_positional", None))
        for argument, keyword_default in zip(
            arguments.kwonlyargs, arguments.kw_defaults, strict=True
        ):
            trees.append(self._parameter(argument, "keyword_only", keyword_default))
        if arguments.kwarg:
            trees.append(self._parameter(arguments.kwarg, "var_keyword", None))
        return trees

    def _parameter(self, argument: ast.arg, kind: str, default: ast.expr | None) -> Tree:
        place = self.place(argument)
        if default is not None:
            place = (*place[:2], *self.place(default)[2:])
        return [
            _PARAMETER,
            *place,
            argument.arg,
            kind,
            self.optional(argument.annotation),
            self.optional(default),
        ]

    def _name(self, node: ast.Name) -> Tree:
        return [_NAME, *self.place(node), node.id]

    def _constant(self, node: ast.Constant) -> Tree:
        value: Any = node.value
        if (
            isinstance(value, int)
            and not -_LARGEST_PLAIN_INTEGER <= value <= _LARGEST_PLAIN_INTEGER
        ):
            value = {"integer": hex(value)}
        elif isinstance(value, bytes):
            value = {"bytes": value.hex()}
        elif value is not None and not isinstance(value, (bool, int, float, str)):
            return [_OPAQUE, *self.place(node), type(value).__name__, []]
        return [_CONSTANT, *self.place(node), value]

    def _attribute(self, node: ast.Attribute) -> Tree:
        return [_ATTRIBUTE, *self.place(node), self.expression(node.value), node.attr]

    def _call(self, node: ast.Call) -> Tree:
        return [
            _CALL,
            *self.place(node),
            self.expression(node.func),
            self.expressions(node.args),
            self.keywords(node.keywords),
        ]

    def keywords(self, keywords: list[ast.keyword]) -> Tree:
        """Return the trees of the keyword arguments of a call or class."""
        return [
            [_KEYWORD, *self.place(keyword), keyword.arg, self.expression(keyword.value)]
            for keyword in keywords
        ]

    def _subscript(self, node: ast.Subscript) -> Tree:
        return [
            _SUBSCRIPT,
            *self.place(node),
            self.expression(node.value),
            self.expression(node.slice),
        ]

    def _dict(self, node: ast.Dict) -> Tree:
        items = []
        for key, value in zip(node.keys, node.values, strict=True):
            end = self.place(value)[2:]
            start = self.place(value if key is None else key)[:2]
            items.append([_DICT_ITEM, *start, *end, self.optional(key), self.expression(value)])
        return [_DICT, *self.place(node), items]

    def _unary(self, node: ast.UnaryOp) -> Tree:
        operator = OPERATORS[type(node.op)]
        return [_UNARY, *self.place(node), operator, self.expression(node.operand)]

    def _binary(self, node: ast.BinOp) -> Tree:
        return [
            _BINARY,
            *self.place(node),
            OPERATORS[type(node.op)],
            self.expression(node.left),
            self.expression(node.right),
        ]

    def _boolean(self, node: ast.BoolOp) -> Tree:
        return [
            _BOOLEAN,
            *self.place(node),
            OPERATORS[type(node.op)],
            self.expressions(node.values),
        ]

    def _compare(self, node: ast.Compare) -> Tree:
        return [
            _COMPARE,
            *self.place(node),
            self.expression(node.left),
            [OPERATORS[type(operator)] for operator in node.ops],
            self.expressions(node.comparators),
        ]

    def _conditional(self, node: ast.IfExp) -> Tree:
        return [
            _CONDITIONAL,
            *self.place(node),
            self.expression(node.test),
            self.expression(node.body),
            self.expression(node.orelse),
        ]

    def _interpolation(self, node: ast.FormattedValue) -> Tree:
        return [
            _INTERPOLATION,
            *self.place(node),
            self.expression(node.value),
            _CONVERSIONS.get(node.conversion, ""),
            self.optional(node.format_spec),
        ]

    def _walrus(self, node: ast.NamedExpr) -> Tree:
        return [
            _WALRUS,
            *self.place(node),
            self.expression(node.target),
            self.expression(node.value),
        ]

    def _lambda(self, node: ast.Lambda) -> Tree:
        outer_yields = self.yields
        tree = [
            _LAMBDA,
            *self.place(node),
            self.parameters(node.args),
            self.expression(node.body),
        ]
        self.yields = outer_yields
        return tree

    def _comprehension(self, kind: str, key: ast.expr | None, element: ast.expr, node: Any) -> Tree:
        generators = []
        for generator in node.generators:
            last = generator.ifs[-1] if generator.ifs else generator.iter
            generators.append(
                [
                    _GENERATOR,
                    *self.place(generator.target)[:2],
                    *self.place(last)[2:],
                    self.expression(generator.target),
                    self.expression(generator.iter),
                    self.expressions(generator.ifs),
                    bool(generator.is_async),
                ]
            )
        return [
            _COMPREHENSION,
            *self.place(node),
            kind,
            self.optional(key),
            self.expression(element),
            generators,
        ]

    def _yield(self, node: ast.Yield | ast.YieldFrom) -> Tree:
        self.yields = True
        return self._opaque(node)

    def _opaque(self, node: ast.expr) -> Tree:
        parts = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        return [_OPAQUE, *self.place(node), type(node).__name__, self.expressions(parts)]
