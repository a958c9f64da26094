"""Values of names at the top level of modules, each evaluated once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.config import did_you_mean
from convexity_compiler.link.findings import FailedError
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


class GlobalNames:
    """Evaluates and remembers what the names of modules stand for."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._names: dict[tuple[str, str], tuple[object] | None] = {}
        self._pending: dict[tuple[str, str], Location] = {}

    def value(self, module: str, name: str, node: Node, scope: Scope) -> object:
        """The value of a name at the top level of a module; ``node`` in ``scope`` asks for it."""
        key = (module, name)
        if key in self._names:
            known = self._names[key]
            if known is None:
                raise FailedError
            return known[0]
        location = Location(module=scope.module, span=node.span)
        if key in self._pending:
            keys = list(self._pending)
            chain = tuple(self._pending[entry] for entry in keys[keys.index(key) :])
            names = " → ".join(entry[1] for entry in [*keys[keys.index(key) :], key])
            raise self._evaluator.failure(
                node, scope, f"is defined by way of itself: {names}", "cycle", chain=chain
            )
        self._pending[key] = location
        try:
            value = self._definition(module, name, node, scope)
        except FailedError:
            self._names[key] = None
            raise
        finally:
            del self._pending[key]
        self._names[key] = (value,)
        return value

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
