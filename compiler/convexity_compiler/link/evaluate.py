"""Static evaluation of expressions: what a module would compute, without importing it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, cast

from convexity.values import ObjectValidator, UnionValidator, Validator

from convexity_compiler.link import operators
from convexity_compiler.link.calls import Calls, require_validator
from convexity_compiler.link.comprehensions import run_comprehension
from convexity_compiler.link.findings import FailedError
from convexity_compiler.link.global_names import GlobalNames
from convexity_compiler.link.model import Location
from convexity_compiler.link.operators import LARGEST_COLLECTION, OperatorError
from convexity_compiler.link.symbols import ProjectModule
from convexity_compiler.link.values import (
    ClassValue,
    ExternalValue,
    FunctionValue,
    Method,
    ModuleValue,
    SchemaValue,
    Scope,
    TableValue,
    TypeValue,
)
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.link.findings import Findings
    from convexity_compiler.link.model import UnresolvedKind
    from convexity_compiler.link.resolve import Resolver
    from convexity_compiler.link.typed_dicts import TypedDicts
    from convexity_compiler.summary.node import Node

LARGEST_EVALUATION: Final = 100_000
"""Most expressions evaluated for one definition."""

_METHODS: Final[dict[type, frozenset[str]]] = {
    ObjectValidator: frozenset({"pick", "omit", "partial", "extend"}),
    UnionValidator: frozenset({"pick", "omit", "partial", "extend"}),
    TableValue: frozenset({"index", "search_index", "vector_index"}),
    SchemaValue: frozenset({"doc", "id"}),
    dict: frozenset({"items", "keys", "values", "get", "copy"}),
    str: frozenset(
        {"lower", "upper", "title", "capitalize", "strip", "split", "join", "replace"}
        | {"removeprefix", "removesuffix", "startswith", "endswith"}
    ),
}
_FIELD_POSITIONS: Final = frozenset({"args", "field", "env"})
"""Positions of the values of a dict that are validators."""
_VALIDATOR_ATTRIBUTES: Final = frozenset(
    {"fields", "members", "element", "key", "value", "inner", "table_name", "kind", "is_optional"}
)


_NOT_CONSTANT: Final = (
    ExternalValue,
    FunctionValue,
    ClassValue,
    TypeValue,
    ModuleValue,
    Method,
)


class Evaluator:
    """Evaluates expressions of the project's modules; names are evaluated once."""

    def __init__(self, resolver: Resolver, findings: Findings, typed_dicts: TypedDicts) -> None:
        self.resolver = resolver
        self.findings = findings
        self.typed_dicts = typed_dicts
        self.what = "expression"
        """What is being looked for, for messages."""
        self._calls = Calls(self)
        self._globals = GlobalNames(self)
        self._steps = 0

    def try_evaluate(
        self, expression: e.Expr, module: str, what: str, position: str | None = None
    ) -> tuple[object] | None:
        """Evaluate an expression; a 1-tuple with its value, or None when a note says why not."""
        outer_what, outer_steps = self.what, self._steps
        self.what, self._steps = what, 0
        try:
            return (self.evaluate(expression, Scope(module=module), position),)
        except FailedError:
            return None
        except RecursionError:
            self.findings.note(module, expression, "is nested too deeply", what=what)
            return None
        finally:
            self.what, self._steps = outer_what, outer_steps

    def evaluate(self, expression: e.Expr, scope: Scope, position: str | None = None) -> object:
        """Return the value of an expression.

        ``position`` says what the value is for (see ``ValidatorUse.parent``). Raises FailedError
        after noting the reason when the value is not known.
        """
        self._steps += 1
        if self._steps > LARGEST_EVALUATION:
            raise self.failure(expression, scope, "takes too long to evaluate")
        # The most frequent kinds first, by identity of the class: this is the hot path of linking.
        kind = type(expression)
        if kind is e.Name:
            return self._name(cast("e.Name", expression), scope)
        if kind is e.Attribute:
            attribute = cast("e.Attribute", expression)
            inner_value = self.evaluate(attribute.value, scope)
            return self.attribute(inner_value, attribute.name, expression, scope)
        if kind is e.Call:
            return self._calls.call(cast("e.Call", expression), scope, position)
        match expression:
            case e.Constant(value=value):
                return value
            case e.Dict(items=items):
                return self._dict(items, scope, position)
            case e.List(elements=elements):
                return self.elements(elements, scope)
            case e.Tuple(elements=elements):
                return tuple(self.elements(elements, scope))
            case e.Subscript(value=inner, index=index):
                return self._subscript(expression, inner, index, scope)
            case _:
                return self._operation(expression, scope, position)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Count the steps of a definition for itself, whoever asks for it first."""
        outer, self._steps = self._steps, 0
        try:
            yield
        finally:
            self._steps = outer

    def start(self) -> None:
        """Begin to evaluate for another module, on whose behalf notes are made from now on."""
        self._globals.start()

    def share(self, module: str, name: str) -> None:
        """Let a name mean the same to all modules from now on, its notes being accounted for."""
        self._globals.share(module, name)

    def elements(self, elements: tuple[e.Expr, ...], scope: Scope) -> list[object]:
        """Evaluate the elements of a display or the arguments of a call, ``*`` included."""
        found: list[object] = []
        for element in elements:
            if isinstance(element, e.Starred):
                found += self.iterate(self.evaluate(element.value, scope), element, scope)
            else:
                found.append(self.evaluate(element, scope))
        return found

    def iterate(self, value: object, node: Node, scope: Scope) -> list[object]:
        """The elements of an iterable constant."""
        if isinstance(value, Mapping | list | tuple | set | frozenset | str | range):
            if len(value) > LARGEST_COLLECTION:
                raise self.failure(node, scope, "has too many elements to be evaluated")
            return list(value)
        raise self.failure(
            node, scope, "is not a list, tuple or dict that is known before run time"
        )

    def failure(
        self,
        node: Node,
        scope: Scope,
        reason: str,
        kind: UnresolvedKind = "opaque",
        accepted: str | None = None,
        chain: tuple[Location, ...] = (),
    ) -> FailedError:
        """Note why ``node`` cannot be evaluated; raise the result to give it up."""
        extra = {} if accepted is None else {"accepted": accepted}
        return self.findings.failure(
            scope.module, node, reason, what=self.what, kind=kind, chain=chain, **extra
        )

    def _name(self, expression: e.Name, scope: Scope) -> object:
        if expression.id in scope.variables:
            return scope.variables[expression.id]
        return self._globals.value(scope.module, expression.id, expression, scope)

    def attribute(self, value: object, name: str, node: Node, scope: Scope) -> object:
        """The attribute of a value that ``node`` asks for."""
        match value:
            case ExternalValue(name=origin):
                return ExternalValue(f"{origin}.{name}")
            case ModuleValue(path=path):
                symbol = self.resolver.module_member(ProjectModule(path), name)
                if symbol is None:
                    reason = f"{path or 'the package'} has no `{name}`"
                    raise self.failure(node, scope, reason, "undefined", "use a name that exists")
                return self._globals.symbol_value(symbol, node, scope)
            case Validator() if name in _VALIDATOR_ATTRIBUTES and hasattr(value, name):
                found = getattr(value, name)
                return list(found) if name == "members" else found
            case TableValue(document=document) if name == "validator":
                if document.validator is None:
                    raise FailedError
                return document.validator
            case SchemaValue(tables=tables) if name == "tables":
                return {
                    entry.name: TableValue(document=entry.document, indexes=entry.indexes)
                    for entry in tables.values()
                }
            case _:
                pass
        for cls, methods in _METHODS.items():
            if isinstance(value, cls) and name in methods:
                return Method(value, name)
        if isinstance(value, TableValue) and isinstance(node, e.Attribute):
            known = ", ".join(f"`.{method}`" for method in sorted(_METHODS[TableValue]))
            named = e.Name(span=node.name_span, id=name)
            raise self.failure(named, scope, "tables have no such method", accepted=f"use {known}")
        raise self.failure(node, scope, f"`.{name}` of this value is not known before run time")

    def _dict(
        self,
        items: tuple[e.DictItem, ...],
        scope: Scope,
        position: str | None,
    ) -> dict[object, object]:
        """Evaluate every item, so that all that fail are noted."""
        if position == "table":
            position = "field"  # the dict is the document, and its values are fields
        found: dict[object, object] = {}
        failed = False
        for item in items:
            try:
                value = self.evaluate(item.value, scope, position)
                if item.key is not None:
                    if position in _FIELD_POSITIONS:
                        value = require_validator(self, value, item.value, scope)
                    found[self._hashable(item.key, scope)] = value
                elif isinstance(value, Mapping):
                    found.update(value)
                else:
                    raise self.failure(item.value, scope, "is not a dict that can be unpacked here")
            except FailedError:
                failed = True
        if failed:
            raise FailedError
        return found

    def _hashable(self, expression: e.Expr, scope: Scope) -> object:
        key = self.evaluate(expression, scope)
        try:
            hash(key)
        except TypeError:
            raise self.failure(expression, scope, "cannot be a key of a dict") from None
        return key

    def _subscript(self, node: e.Subscript, inner: e.Expr, index: e.Expr, scope: Scope) -> object:
        value = self.evaluate(inner, scope)
        if isinstance(value, ClassValue | ExternalValue):
            return TypeValue(scope.module, node)
        key = self.evaluate(index, scope)
        try:
            return value[key]  # type: ignore[index]  # what is no container raises below
        except (TypeError, LookupError):
            raise self.failure(
                node, scope, "has no such element, or none that is known before run time"
            ) from None

    def _operation(self, expression: e.Expr, scope: Scope, position: str | None) -> object:
        try:
            match expression:
                case e.Binary(operator=symbol, left=left, right=right):
                    operands = (
                        self.evaluate(left, scope, position),
                        self.evaluate(right, scope, position),
                    )
                    return operators.binary(symbol, *operands)
                case e.Unary(operator=symbol, operand=operand):
                    return operators.unary(symbol, self.constant(operand, scope))
                case e.Boolean(operator=symbol, values=values):
                    value: object = None
                    for operand in values:
                        value = self.constant(operand, scope)
                        if bool(value) is (symbol == "or"):
                            break
                    return value
                case e.Compare(left=left, operators=symbols, comparators=comparators):
                    operands_ = [self.constant(entry, scope) for entry in (left, *comparators)]
                    return all(
                        operators.compare(symbol, operands_[place], operands_[place + 1])
                        for place, symbol in enumerate(symbols)
                    )
                case e.Conditional(test=test, body=body, otherwise=otherwise):
                    chosen = body if self.constant(test, scope) else otherwise
                    return self.evaluate(chosen, scope, position)
                case e.FormattedString(parts=parts):
                    return "".join(self._text(part, scope) for part in parts)
                case e.Comprehension():
                    return run_comprehension(self, expression, scope)
                case _:
                    raise self.failure(expression, scope, "is not a static expression")
        except OperatorError as error:
            raise self.failure(expression, scope, str(error)) from None

    def constant(self, expression: e.Expr, scope: Scope) -> object:
        """Evaluate an operand whose truth or order must be known."""
        value = self.evaluate(expression, scope)
        if isinstance(value, _NOT_CONSTANT):
            raise self.failure(expression, scope, "is not a constant that is known before run time")
        return value

    def _text(self, part: e.Expr, scope: Scope) -> str:
        if isinstance(part, e.Constant):
            return str(part.value)
        if isinstance(part, e.Interpolation) and part.format_spec is None:
            value = self.evaluate(part.value, scope)
            if isinstance(value, str | int | float) and part.conversion in ("", "s"):
                try:
                    return str(value)
                except ValueError:
                    raise self.failure(part, scope, "has too many digits for a text") from None
        raise self.failure(part, scope, "is not a constant that is known before run time")
