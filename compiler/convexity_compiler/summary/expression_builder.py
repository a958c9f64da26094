"""Expressions: from ``ast`` nodes to those of a summary."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final, Literal

from convexity_compiler.span import Span
from convexity_compiler.summary import expressions as e
from convexity_compiler.summary.model import Parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from convexity_compiler.summary.expressions import ComprehensionKind
    from convexity_compiler.summary.model import ParameterKind
    from convexity_compiler.summary.places import Located


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

_CONVERSIONS: Final = {-1: "", 115: "s", 114: "r", 97: "a"}


class ExpressionBuilder:
    """Builds the expressions of one module."""

    def __init__(self, place: Callable[[Located], Span]) -> None:
        self.place = place
        self.yields = False
        """Whether a ``yield`` was met; reset by whoever enters a function."""
        self._dispatch: dict[type[ast.AST], Callable[[Any], e.Expr]] = {
            ast.Constant: self._constant,
            ast.Name: self._name,
            ast.Attribute: self._attribute,
            ast.Call: self._call,
            ast.Subscript: self._subscript,
            ast.Starred: lambda n: e.Starred(place(n), self.expression(n.value)),
            ast.List: lambda n: e.List(place(n), self.expressions(n.elts)),
            ast.Tuple: lambda n: e.Tuple(place(n), self.expressions(n.elts)),
            ast.Dict: self._dict,
            ast.UnaryOp: self._unary,
            ast.BinOp: self._binary,
            ast.BoolOp: self._boolean,
            ast.Compare: self._compare,
            ast.IfExp: self._conditional,
            ast.JoinedStr: lambda n: e.FormattedString(place(n), self.expressions(n.values)),
            ast.FormattedValue: self._interpolation,
            ast.Await: lambda n: e.Await(place(n), self.expression(n.value)),
            ast.NamedExpr: self._walrus,
            ast.Lambda: self._lambda,
            ast.ListComp: lambda n: self._comprehension("list", None, n.elt, n),
            ast.SetComp: lambda n: self._comprehension("set", None, n.elt, n),
            ast.GeneratorExp: lambda n: self._comprehension("generator", None, n.elt, n),
            ast.DictComp: lambda n: self._comprehension("dict", n.key, n.value, n),
            ast.Yield: self._yield,
            ast.YieldFrom: self._yield,
        }

    def expression(self, node: ast.expr) -> e.Expr:
        """Build one expression."""
        return self._dispatch.get(type(node), self._opaque)(node)

    def expressions(self, nodes: Iterable[ast.expr]) -> tuple[e.Expr, ...]:
        """Build several expressions."""
        if not nodes:
            return ()
        dispatch = self._dispatch
        opaque = self._opaque
        return tuple([dispatch.get(type(node), opaque)(node) for node in nodes])

    def optional(self, node: ast.expr | None) -> e.Expr | None:
        """Build an expression that may be missing."""
        return None if node is None else self.expression(node)

    def parameters(self, arguments: ast.arguments) -> tuple[Parameter, ...]:
        """Build the parameters of a signature in order."""
        positional = [*arguments.posonlyargs, *arguments.args]
        first_default = len(positional) - len(arguments.defaults)
        found = []
        for index, argument in enumerate(positional):
            kind: ParameterKind = (
                "positional_only" if index < len(arguments.posonlyargs) else "positional"
            )
            default = arguments.defaults[index - first_default] if index >= first_default else None
            found.append(self._parameter(argument, kind, default))
        if arguments.vararg:
            found.append(self._parameter(arguments.vararg, "var_positional", None))
        for argument, keyword_default in zip(
            arguments.kwonlyargs, arguments.kw_defaults, strict=True
        ):
            found.append(self._parameter(argument, "keyword_only", keyword_default))
        if arguments.kwarg:
            found.append(self._parameter(arguments.kwarg, "var_keyword", None))
        return tuple(found)

    def _parameter(
        self, argument: ast.arg, kind: ParameterKind, default: ast.expr | None
    ) -> Parameter:
        span = self.place(argument)
        if default is not None:
            span = span.through(self.place(default))
        return Parameter(
            span, argument.arg, kind, self.optional(argument.annotation), self.optional(default)
        )

    def _name(self, node: ast.Name) -> e.Name:
        return e.Name(self.place(node), node.id)

    def _constant(self, node: ast.Constant) -> e.Expr:
        value = node.value
        if value is None or isinstance(value, (str, int, float, bytes)):
            return e.Constant(self.place(node), value)
        return e.Opaque(self.place(node), type(value).__name__, ())

    def _attribute(self, node: ast.Attribute) -> e.Attribute:
        return e.Attribute(self.place(node), self.expression(node.value), node.attr)

    def _call(self, node: ast.Call) -> e.Call:
        return e.Call(
            self.place(node),
            self.expression(node.func),
            self.expressions(node.args),
            self.keywords(node.keywords) if node.keywords else (),
        )

    def keywords(self, keywords: list[ast.keyword]) -> tuple[e.Keyword, ...]:
        """Build the keyword arguments of a call or class."""
        return tuple(
            [
                e.Keyword(self.place(keyword), keyword.arg, self.expression(keyword.value))
                for keyword in keywords
            ]
        )

    def _subscript(self, node: ast.Subscript) -> e.Subscript:
        return e.Subscript(
            self.place(node), self.expression(node.value), self.expression(node.slice)
        )

    def _dict(self, node: ast.Dict) -> e.Dict:
        items = []
        for key, value in zip(node.keys, node.values, strict=True):
            name, held = self.optional(key), self.expression(value)
            start = held if name is None else name
            span = start.span.through(held.span)
            items.append(e.DictItem(span, name, held))
        return e.Dict(self.place(node), tuple(items))

    def _unary(self, node: ast.UnaryOp) -> e.Unary:
        return e.Unary(self.place(node), OPERATORS[type(node.op)], self.expression(node.operand))

    def _binary(self, node: ast.BinOp) -> e.Binary:
        return e.Binary(
            self.place(node),
            OPERATORS[type(node.op)],
            self.expression(node.left),
            self.expression(node.right),
        )

    def _boolean(self, node: ast.BoolOp) -> e.Boolean:
        operator: Literal["and", "or"] = "and" if isinstance(node.op, ast.And) else "or"
        return e.Boolean(self.place(node), operator, self.expressions(node.values))

    def _compare(self, node: ast.Compare) -> e.Compare:
        return e.Compare(
            self.place(node),
            self.expression(node.left),
            tuple([OPERATORS[type(operator)] for operator in node.ops]),
            self.expressions(node.comparators),
        )

    def _conditional(self, node: ast.IfExp) -> e.Conditional:
        return e.Conditional(
            self.place(node),
            self.expression(node.test),
            self.expression(node.body),
            self.expression(node.orelse),
        )

    def _interpolation(self, node: ast.FormattedValue) -> e.Interpolation:
        return e.Interpolation(
            self.place(node),
            self.expression(node.value),
            _CONVERSIONS.get(node.conversion, ""),
            self.optional(node.format_spec),
        )

    def _walrus(self, node: ast.NamedExpr) -> e.Walrus:
        return e.Walrus(self.place(node), self.expression(node.target), self.expression(node.value))

    def _lambda(self, node: ast.Lambda) -> e.Lambda:
        outer_yields = self.yields
        found = e.Lambda(self.place(node), self.parameters(node.args), self.expression(node.body))
        self.yields = outer_yields
        return found

    def _comprehension(
        self, kind: ComprehensionKind, key: ast.expr | None, element: ast.expr, node: Any
    ) -> e.Comprehension:
        generators = []
        for generator in node.generators:
            last = generator.ifs[-1] if generator.ifs else generator.iter
            span = self.place(generator.target).through(self.place(last))
            generators.append(
                e.Generator(
                    span,
                    self.expression(generator.target),
                    self.expression(generator.iter),
                    self.expressions(generator.ifs),
                    bool(generator.is_async),
                )
            )
        return e.Comprehension(
            self.place(node), kind, self.optional(key), self.expression(element), tuple(generators)
        )

    def _yield(self, node: ast.Yield | ast.YieldFrom) -> e.Opaque:
        self.yields = True
        return self._opaque(node)

    def _opaque(self, node: ast.expr) -> e.Opaque:
        parts = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        return e.Opaque(self.place(node), type(node).__name__, self.expressions(parts))
