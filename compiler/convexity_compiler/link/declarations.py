"""Calls that declare things on the value of a special file: ``http.route(...)``, ``app.use(...)``.

Only those at the top level of the special file itself count; all others are noted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeGuard

from convexity_compiler.config import did_you_mean
from convexity_compiler.link.symbols import Defined
from convexity_compiler.summary import expressions as e
from convexity_compiler.summary.walk import call_sites, walk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from convexity_compiler.link.evaluate import Evaluator
    from convexity_compiler.summary.model import FunctionSummary, ModuleSummary, Placement


class Receiver(NamedTuple):
    """The value of a special file that others are declared on."""

    module: str
    """Wire path of the special file: ``http``."""
    name: str
    """Name the value is exported under."""
    methods: Collection[str]
    """Methods that declare something."""
    what: str
    """What they declare, for messages: ``route``."""


def declaring_calls(
    evaluator: Evaluator, module: ModuleSummary, receiver: Receiver
) -> list[e.Call]:
    """Return the calls of a module that declare something, in order.

    They are statements at the top level of the special file; all others are noted.
    """
    finder = _Finder(evaluator, receiver)
    found: list[e.Call] = []
    if not finder.may_know(module):
        return found
    for binding in module.statements:
        call = getattr(binding.statement, "value", None)
        if finder.is_declaration(call, module.module):
            if finder.stands_well(module.module, call, binding.placement):
                found.append(call)
        else:
            finder.note_unknown_method(module.module, call)
            finder.note_parts(module.module, call)
    for assignment in module.assignments:
        finder.note_parts(module.module, assignment.statement.value)
    for function in module.functions:
        finder.note_calls_inside(module.module, function)
    return found


def declaring_decorators(
    evaluator: Evaluator, module: ModuleSummary, receiver: Receiver
) -> Iterator[tuple[FunctionSummary, e.Call]]:
    """Yield the decorators of a module that declare something, with what they decorate."""
    finder = _Finder(evaluator, receiver)
    for function in module.functions if finder.may_know(module) else ():
        for decorator in function.decorators:
            if finder.is_declaration(decorator, module.module) and finder.stands_well(
                module.module, decorator, function.placement
            ):
                yield function, decorator


class _Finder:
    def __init__(self, evaluator: Evaluator, receiver: Receiver) -> None:
        self._evaluator = evaluator
        self._receiver = receiver
        self._value = Defined(receiver.module, receiver.name)

    def may_know(self, module: ModuleSummary) -> bool:
        """Whether a module is the special file, or may import the value."""
        return module.module == self._receiver.module or any(
            self._receiver.module in (entry.module.rpartition(".")[2], entry.name)
            for entry in module.imports
        )

    def is_declaration(
        self, call: object, module: str, function: FunctionSummary | None = None
    ) -> TypeGuard[e.Call]:
        """Whether an expression calls a declaring method of the value."""
        return (
            isinstance(call, e.Call)
            and isinstance(call.function, e.Attribute)
            and call.function.name in self._receiver.methods
            and self._evaluator.resolver.symbol(module, call.function.value, function)
            == self._value
        )

    def stands_well(self, module: str, call: e.Call, placement: Placement) -> bool:
        """Whether a declaration counts; notes why it does not."""
        if module != self._receiver.module:
            self.note(module, call, f"stands outside of {self._receiver.module}.py")
        elif placement != "module":
            self.note(module, call, "does not stand at the top level of the module")
        else:
            return True
        return False

    def note(self, module: str, call: e.Call, reason: str) -> None:
        """Note a declaration that does not count."""
        self._evaluator.findings.note(
            module,
            call,
            reason,
            what=self._receiver.what,
            accepted=f"write it as a statement at the top level of {self._receiver.module}.py",
        )

    def note_unknown_method(self, module: str, call: object) -> None:
        """Note a call of a method that the value does not have."""
        if not isinstance(call, e.Call) or not isinstance(call.function, e.Attribute):
            return
        name = call.function.name
        if self._evaluator.resolver.symbol(module, call.function.value) == self._value:
            nearest = did_you_mean(name, self._receiver.methods)
            self._evaluator.findings.note(
                module,
                call,
                f"`{self._receiver.name}` has no method `{name}`{nearest}",
                what=self._receiver.what,
                kind="undefined",
                accepted=f"call `{self._receiver.name}.{min(self._receiver.methods)}(...)`",
            )

    def note_calls_inside(self, module: str, function: FunctionSummary) -> None:
        """Note declarations in the body of a function."""
        for site in call_sites(function):
            if self.is_declaration(site.call, module, function):
                self.note(module, site.call, f"stands in the function `{function.name}`")

    def note_parts(self, module: str, expression: object) -> None:
        """Note declarations that are parts of a larger expression."""
        if isinstance(expression, e.Expr):
            for part in walk(expression):
                if self.is_declaration(part, module):
                    self.note(module, part, "is part of another expression or assignment")
