"""QRY025."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.link.symbols import Defined
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.summary import expressions as e
from convexity_compiler.summary import statements as s
from convexity_compiler.summary.model import FunctionSummary
from convexity_compiler.summary.walk import children, walk_statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.summary.node import Node

_COMPARISONS: Final = {"==": "eq", "!=": "neq", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
"""Methods of the builder by operator."""
_CONNECTIVES: Final = {"and": "and_", "or": "or_", "not": "not_"}


class PythonOperatorInFilter(Rule):
    """The condition of a filter uses an operator of Python.

    ## What it does

    Finds `and`, `or`, `not`, `in` and comparisons between what the builder of `.filter(...)`
    makes.

    ## Why is this bad?

    Python evaluates these operators at once, before any document is read. `a and b` is just `b`,
    and `q.field("x") == 3` is just `False`: the filter does something else than it says.

    ## Example

    ```python
    @query(args={}, returns=v.any())
    async def loud(ctx: QueryCtx) -> Any:
        rows = ctx.db.query("messages")
        return await rows.filter(lambda q: q.field("likes") > 3 and q.field("loud")).take(10)
    ```

    ## Use instead

    ```python
    @query(args={}, returns=v.any())
    async def loud(ctx: QueryCtx) -> Any:
        rows = ctx.db.query("messages")
        return await rows.filter(
            lambda q: q.and_(q.gt(q.field("likes"), 3), q.field("loud"))
        ).take(10)
    ```

    ## Fix safety

    The fix writes the methods of the builder. It is unsafe: the filter then drops other documents
    than before.

    ## References

    - [The language, `FilterBuilder`](../reference/language.md#4-public-names).
    """

    name = "python-operator-in-filter"
    code = "QRY025"
    words = frozenset({"filter"})
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the conditions of all filters."""
        seen: set[int] = set()
        for use in functions(project):
            for site in use.query_calls:
                if site.method.name != "filter" or not site.call.arguments:
                    continue
                for module, builder, body in _conditions(project, use, site.call.arguments[0]):
                    for node in _operators(body, builder):
                        if id(node) not in seen:
                            seen.add(id(node))
                            yield self._found(project, module, node, builder)

    def _found(self, project: LinkedProject, module: str, node: e.Expr, builder: str) -> Diagnostic:
        operators = dict.fromkeys(_operator_names(node, builder))
        shown = ", ".join(f"`{operator}`" for operator in operators)
        methods = [_CONNECTIVES.get(o) or _COMPARISONS.get(o) for o in operators]
        known = ", ".join(f"`{builder}.{method}(...)`" for method in methods if method)
        text = _rewritten(project, module, node, builder)
        fix = None
        if text is not None:
            edit = replace_text(project, module, node.span, text)
            fix = Fix(title=f"use {known}", applicability="unsafe", edits=(edit,))
        return self.finding(
            project,
            Location(module, node.span),
            f"Python evaluates {shown} before any document is read",
            help=f"use {known}"
            if known
            else f"compare with each value: `{builder}.or_({builder}.eq(...), ...)`",
            fix=fix,
        )


def _conditions(
    project: LinkedProject, use: FunctionUse, predicate: e.Expr
) -> Iterator[tuple[str, str, e.Expr]]:
    """Yield module, name of the builder and condition of a predicate."""
    predicate = use.scope.constant(predicate)
    if isinstance(predicate, e.Lambda):
        if len(predicate.parameters) == 1:
            yield use.module, predicate.parameters[0].name, predicate.body
        return
    found: list[tuple[str, FunctionSummary]] = []
    symbol = use.scope.symbol(predicate)
    if isinstance(symbol, Defined) and not symbol.attributes:
        found = [
            (symbol.module, bound.definition)
            for bound in project.resolver.bound(symbol.module, symbol.name)
            if isinstance(bound.definition, FunctionSummary)
        ]
    elif isinstance(predicate, e.Name):
        found = [
            (use.module, statement.function)
            for statement in walk_statements(use.function.statements)
            if isinstance(statement, s.FunctionDefinition)
            and statement.function.name == predicate.id
        ]
    for module, function in found:
        if len(function.parameters) == 1:
            for statement in walk_statements(function.statements):
                if isinstance(statement, s.Return) and statement.value is not None:
                    yield module, function.parameters[0].name, statement.value


def _operators(node: Node, builder: str) -> Iterator[e.Expr]:
    """Yield the outermost expressions whose operator acts on what the builder makes."""
    if isinstance(node, e.Expr) and _acts(node, builder):
        yield node
        return
    for child in children(node):
        yield from _operators(child, builder)


def _acts(node: e.Expr, builder: str) -> bool:
    match node:
        case e.Boolean(values=values):
            # ``flag and q.eq(...)`` only chooses; what is tested is all but the last.
            return any(_is_built(value, builder) for value in values[:-1])
        case e.Unary(operator="not", operand=operand):
            return _is_built(operand, builder)
        case e.Compare(left=left, comparators=comparators):
            return any(_is_built(entry, builder) for entry in (left, *comparators))
        case _:
            return False


def _is_built(node: e.Expr, builder: str) -> bool:
    if _acts(node, builder):
        return True
    return (
        isinstance(node, e.Call)
        and isinstance(node.function, e.Attribute)
        and isinstance(node.function.value, e.Name)
        and node.function.value.id == builder
    )


def _operator_names(node: e.Expr, builder: str) -> Iterator[str]:
    match node:
        case e.Boolean(operator=operator, values=values):
            yield operator
            for value in values:
                yield from _operator_names(value, builder) if _acts(value, builder) else ()
        case e.Unary(operator="not", operand=operand):
            yield "not"
            yield from _operator_names(operand, builder) if _acts(operand, builder) else ()
        case e.Compare(operators=operators):
            yield from operators
        case _:
            return


def _rewritten(project: LinkedProject, module: str, node: e.Expr, builder: str) -> str | None:
    """The condition with the builder's methods; None where one is missing."""
    match node:
        case e.Boolean(operator=operator, values=values):
            parts = [_rewritten(project, module, value, builder) for value in values]
            known = [part for part in parts if part is not None]
            method = _CONNECTIVES[operator]
            return f"{builder}.{method}({', '.join(known)})" if len(known) == len(parts) else None
        case e.Unary(operator="not", operand=operand):
            inner = _rewritten(project, module, operand, builder)
            return None if inner is None else f"{builder}.not_({inner})"
        case e.Compare(left=left, operators=operators, comparators=comparators):
            sides = [project.text_of(Location(module, x.span)) for x in (left, *comparators)]
            steps = []
            for index, sign in enumerate(operators):
                if sign not in _COMPARISONS:
                    return None
                pair = f"{sides[index]}, {sides[index + 1]}"
                steps.append(f"{builder}.{_COMPARISONS[sign]}({pair})")
            return steps[0] if len(steps) == 1 else f"{builder}.and_({', '.join(steps)})"
        case _:
            return project.text_of(Location(module, node.span))
