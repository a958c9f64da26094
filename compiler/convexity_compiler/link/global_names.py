"""Values of names at the top level of modules, each evaluated once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from convexity_compiler.config import did_you_mean
from convexity_compiler.link.findings import FailedError, Notes
from convexity_compiler.link.model import Location
from convexity_compiler.link.symbols import Defined, External, ProjectModule
from convexity_compiler.link.unpack import UnpackError, assign_target
from convexity_compiler.link.values import (
    ClassValue,
    ExternalValue,
    FunctionValue,
    ModuleValue,
    Scope,
)
from convexity_compiler.summary import expressions as e
from convexity_compiler.summary.model import ClassSummary, FunctionSummary, ImportSummary

if TYPE_CHECKING:
    from convexity_compiler.link.evaluate import Evaluator
    from convexity_compiler.link.symbols import Bound, Symbol
    from convexity_compiler.summary.node import Node


Key: TypeAlias = tuple[str, str]
"""Module and name."""


class Known(NamedTuple):
    """A name that has been evaluated."""

    value: tuple[object] | None
    """None when it has no value that is known."""
    notes: Notes | None
    """What was noted on the way; None for nothing."""


class GlobalNames:
    """Evaluates and remembers what the names of modules stand for."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._shared: dict[Key, Known] = {}
        """What could be evaluated without a note, which is the same whoever asks."""
        self._own: dict[Key, Known] = {}
        """What could not: the notes tell what was looked for, and where a circle was entered, so
        that each module that is linked evaluates such names anew."""
        self._pending: dict[Key, Location] = {}

    def start(self) -> None:
        """Forget what depends on the module that was linked so far."""
        self._own = {}

    def share(self, module: str, name: str) -> None:
        """Let a name mean the same to all modules from now on, its notes being accounted for."""
        known = self._own.pop((module, name), None) or self._shared.get((module, name))
        if known is not None:
            self._shared[module, name] = Known(known.value, None)

    def value(self, module: str, name: str, node: Node, scope: Scope) -> object:
        """The value of a name at the top level of a module; ``node`` in ``scope`` asks for it."""
        key = (module, name)
        known = self._shared.get(key) or self._own.get(key)
        if known is None:
            known = self._evaluate(key, node, scope)
        if known.notes is not None:
            self._evaluator.findings.used(known.notes)
        if known.value is None:
            raise FailedError
        return known.value[0]

    def _evaluate(self, key: Key, node: Node, scope: Scope) -> Known:
        location = Location(scope.module, node.span)
        if key in self._pending:
            keys = list(self._pending)
            chain = tuple(self._pending[entry] for entry in keys[keys.index(key) :])
            names = " → ".join(entry[1] for entry in [*keys[keys.index(key) :], key])
            raise self._evaluator.failure(
                node, scope, f"is defined by way of itself: {names}", "cycle", chain=chain
            )
        self._pending[key] = location
        notes = Notes()
        value: tuple[object] | None = None
        try:
            with self._evaluator.findings.collected(notes), self._evaluator.apart():
                value = (self._definition(*key, node, scope),)
        except FailedError:
            pass
        finally:
            del self._pending[key]
        known = Known(value, None if notes.is_empty else notes)
        (self._shared if notes.is_clean else self._own)[key] = known
        return known

    def _definition(self, module: str, name: str, node: Node, scope: Scope) -> object:
        bound = self._evaluator.resolver.bound(module, name)
        if not bound:
            symbol = self._evaluator.resolver.symbol(module, e.Name(node.span, name))
            if symbol is None:
                known = self._evaluator.resolver.namespace(module).bindings
                raise self._evaluator.failure(
                    node,
                    scope,
                    f"`{name}` is not defined in {module}.py{did_you_mean(name, known)}",
                    "undefined",
                    "define or import it at the top level of the module",
                )
            return self.symbol_value(symbol, node, scope)
        self._require_plain(module, name, bound, node, scope)
        definition = bound[0].definition
        if isinstance(definition, ImportSummary):
            return self._import_value(module, definition, node, scope)
        if isinstance(definition, FunctionSummary):
            return FunctionValue(module, definition)
        if isinstance(definition, ClassSummary):
            return ClassValue(module, definition)
        if definition.value is None:
            raise self._evaluator.failure(
                node, scope, f"`{name}` has no value that is known before run time"
            )
        own = Scope(module=module)
        value = self._evaluator.evaluate(definition.value, own)
        variables: dict[str, object] = {}
        try:
            for target in definition.targets:
                assign_target(target, value, variables)
        except UnpackError as error:
            raise self._evaluator.failure(definition, own, str(error)) from None
        return variables[name]

    def _require_plain(
        self, module: str, name: str, bound: list[Bound], node: Node, scope: Scope
    ) -> None:
        """Refuse names whose value at run time depends on the order or path of execution."""
        accepted = "define it once, at the top level of the module"
        if bound[0].placement == "type_checking":
            raise self._evaluator.failure(
                node,
                scope,
                f"`{name}` exists for type checkers only, not at run time",
                "undefined",
                "move its import or definition out of `if TYPE_CHECKING:`",
            )
        if len(bound) > 1:
            lines = ", ".join(str(entry.span.line) for entry in bound)
            reason = f"`{name}` is bound more than once in {module}.py (lines {lines})"
            raise self._evaluator.failure(node, scope, reason, accepted=accepted)
        if bound[0].placement != "module":
            raise self._evaluator.failure(
                node, scope, f"`{name}` is defined conditionally", accepted=accepted
            )
        changed = self._evaluator.resolver.namespace(module).changed.get(name)
        if changed is not None:
            reason = f"`{name}` is changed after its definition ({module}.py, line {changed.line})"
            raise self._evaluator.failure(
                node, scope, reason, accepted="build it in one expression, with `|` or `**`"
            )

    def _import_value(
        self, module: str, definition: ImportSummary, node: Node, scope: Scope
    ) -> object:
        symbol = self._evaluator.resolver.imported(
            module, definition, ((module, definition.bound),)
        )
        if symbol is None:
            dots = "." * definition.level
            raise self._evaluator.failure(
                node,
                scope,
                f"`{dots}{definition.module}` has no `{definition.name}`",
                "undefined",
                "import a name that exists",
            )
        return self.symbol_value(symbol, node, scope)

    def symbol_value(self, symbol: Symbol, node: Node, scope: Scope) -> object:
        """The value of what a name stands for."""
        match symbol:
            case External(name=name):
                return ExternalValue(name)
            case ProjectModule(path=path):
                return ModuleValue(path)
            case Defined(module=module, name=name, attributes=attributes):
                value = self.value(module, name, node, scope)
                for attribute in attributes:
                    value = self._evaluator.attribute(value, attribute, node, scope)
                return value
