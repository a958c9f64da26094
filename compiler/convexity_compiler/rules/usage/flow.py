"""Where control flow leaves a block of statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.link.symbols import Defined, External
from convexity_compiler.span import Span
from convexity_compiler.summary import expressions as e
from convexity_compiler.summary import statements as s
from convexity_compiler.summary.model import FunctionSummary
from convexity_compiler.summary.walk import sub_blocks

if TYPE_CHECKING:
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse

_EXITS: Final = frozenset(
    {"sys.exit", "os._exit", "os.abort", "builtins.exit", "builtins.quit"}
    | {"typing.assert_never", "typing_extensions.assert_never"}
)
_NOWHERE: Final = Span(1, 1, 1, 1)
_NEVER: Final = frozenset({"typing.NoReturn", "typing.Never", "typing_extensions.Never"})


def falls_off(project: LinkedProject, use: FunctionUse) -> bool:
    """Whether control can reach the end of a function without a ``return``.

    A chain of tests of one value, or a ``match``, may leave nothing out, and counts as if it did.
    A function whose body is ``...`` alone is not written yet, and falls off nothing.
    """
    statements = use.function.statements
    if all(isinstance(entry, s.Evaluate) and _is_ellipsis(entry.value) for entry in statements):
        return False
    return _Flow(project, use).falls_through(statements)


class _Flow:
    def __init__(self, project: LinkedProject, use: FunctionUse) -> None:
        self._project = project
        self._use = use

    def falls_through(self, statements: tuple[s.Statement, ...]) -> bool:
        """Whether control can reach the end of a block."""
        return not any(self._leaves(statement) for statement in statements)

    def _leaves(self, statement: s.Statement) -> bool:
        match statement:
            case s.Return() | s.Raise():
                return True
            case s.Jump(kind=kind):
                return kind != "pass"
            case s.Evaluate(value=value):
                return self._never_returns(value)
            case s.Assert(test=e.Constant(value=False)):
                return True
            case s.If():
                return self._if_leaves(statement)
            case s.While(test=e.Constant(value=value), body=body) if value:
                return not _breaks(body)
            case s.While(body=body, otherwise=otherwise) | s.For(body=body, otherwise=otherwise):
                return not (_breaks(body) or self.falls_through(otherwise))
            case s.With(body=body):
                return not self.falls_through(body)
            case s.Try(body=body, handlers=handlers, otherwise=otherwise, final=final):
                if final and not self.falls_through(final):
                    return True
                if self.falls_through(body) and self.falls_through(otherwise):
                    return False
                return not any(self.falls_through(handler.body) for handler in handlers)
            case s.Match(cases=cases):
                return not any(self.falls_through(case.body) for case in cases)
            case _:
                return False

    def _if_leaves(self, statement: s.If) -> bool:
        subjects: set[e.Expr | None] = set()
        branch: s.If | None = statement
        count = 0
        while branch is not None:
            if isinstance(branch.test, e.Constant) and branch.test.value:
                return not self.falls_through(branch.body)
            if self.falls_through(branch.body):
                return False
            subjects.add(_subject(branch.test))
            count += 1
            if not branch.otherwise:
                return count > 1 and len(subjects) == 1 and None not in subjects
            inner = branch.otherwise[0]
            if len(branch.otherwise) > 1 or not isinstance(inner, s.If):
                return not self.falls_through(branch.otherwise)
            branch = inner
        return False

    def _never_returns(self, expression: e.Expr) -> bool:
        if isinstance(expression, e.Await):
            expression = expression.value
        if not isinstance(expression, e.Call):
            return False
        symbol = self._use.scope.symbol(expression.function)
        if isinstance(symbol, External):
            return symbol.name in _EXITS
        if not isinstance(symbol, Defined) or symbol.attributes:
            return False
        for bound in self._project.resolver.bound(symbol.module, symbol.name):
            definition = bound.definition
            if isinstance(definition, FunctionSummary) and definition.returns is not None:
                origin = self._project.resolver.qualified_name(symbol.module, definition.returns)
                return origin in _NEVER
        return False


def _subject(test: e.Expr) -> e.Expr | None:
    """What a test compares, without its place; None where it is something else."""
    match test:
        case e.Compare(left=left, operators=("==" | "is" | "in",)):
            return _placeless(left)
        case e.Call(function=e.Name(id="isinstance"), arguments=(subject, _)):
            return _placeless(subject)
        case _:
            return None


def _placeless(expression: e.Expr) -> e.Expr | None:
    match expression:
        case e.Name(id=name):
            return e.Name(_NOWHERE, name)
        case e.Constant(value=value):
            return e.Constant(_NOWHERE, value)
        case e.Attribute(value=value, name=name):
            inner = _placeless(value)
            return None if inner is None else e.Attribute(_NOWHERE, inner, name)
        case e.Subscript(value=value, index=index):
            inner, key = _placeless(value), _placeless(index)
            return None if inner is None or key is None else e.Subscript(_NOWHERE, inner, key)
        case _:
            return None


def _breaks(statements: tuple[s.Statement, ...]) -> bool:
    """Whether a ``break`` in a block leaves the loop around it."""
    for statement in statements:
        if isinstance(statement, s.Jump) and statement.kind == "break":
            return True
        if isinstance(statement, (s.For, s.While)):
            if _breaks(statement.otherwise):
                return True
        elif any(_breaks(block) for block in sub_blocks(statement)):
            return True
    return False


def _is_ellipsis(expression: e.Expr) -> bool:
    return isinstance(expression, e.Opaque) or (
        isinstance(expression, e.Constant) and isinstance(expression.value, str)
    )
