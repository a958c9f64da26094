"""Calls in static evaluation: constructors of validators, methods, and helper functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from convexity.values import ObjectValidator, Validator, v

from convexity_compiler.config import did_you_mean
from convexity_compiler.link import constructors, schema_calls
from convexity_compiler.link.findings import FailedError
from convexity_compiler.link.helpers import call_helper
from convexity_compiler.link.values import (
    ClassValue,
    ExternalValue,
    FunctionValue,
    Method,
    SchemaValue,
    Scope,
    TableValue,
    TypeValue,
)
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from convexity_compiler.link.evaluate import Evaluator
    from convexity_compiler.summary.node import Node

VALIDATORS: Final = "convexity.values.v."
KNOWN_CONSTRUCTORS: Final = frozenset(name for name in dir(v) if not name.startswith("_"))

_POSITIONS: Final[dict[str, tuple[str, ...]]] = {
    "array": ("array",),
    "record": ("record_key", "record_value"),
    "optional": ("optional",),
    "nullable": ("union",),
}
"""What the positional arguments of a constructor are for; the last one repeats."""
_VALIDATOR_POSITIONS: Final = frozenset(
    {"array", "record_key", "record_value", "optional", "union", "field", "args", "returns", "env"}
)


class Calls:
    """Evaluates the calls of one evaluator."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def call(self, node: e.Call, scope: Scope, position: str | None) -> object:
        """Return the value of a call."""
        evaluator = self._evaluator
        function = evaluator.evaluate(node.function, scope)
        match function:
            case ExternalValue(name=name) if name.startswith(VALIDATORS):
                return self._validator(name.removeprefix(VALIDATORS), node, scope, position)
            case ExternalValue(name=name):
                return self._external(name, node, scope)
            case Method(receiver=receiver, name=name):
                return self._method(receiver, name, node, scope, position)
            case FunctionValue():
                return call_helper(evaluator, function, node, scope, position)
            case _:
                raise evaluator.failure(
                    node, scope, "calls something that is not known before run time"
                )

    def keywords(self, node: e.Call, scope: Scope, position: str | None) -> dict[str, object]:
        """Evaluate the keyword arguments of a call, ``**`` included; all that fail are noted."""
        evaluator = self._evaluator
        found: dict[str, object] = {}
        failed = False
        for keyword in node.keywords:
            try:
                value = evaluator.evaluate(keyword.value, scope, position)
                if keyword.name is not None:
                    if position in _VALIDATOR_POSITIONS:
                        value = require_validator(evaluator, value, keyword.value, scope)
                    found[keyword.name] = value
                elif isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
                    found.update(value)
                else:
                    raise evaluator.failure(
                        keyword.value, scope, "is not a dict that can be unpacked here"
                    )
            except FailedError:
                failed = True
        if failed:
            raise FailedError
        return found

    def _validator(self, name: str, node: e.Call, scope: Scope, position: str | None) -> Validator:
        evaluator = self._evaluator
        if name not in KNOWN_CONSTRUCTORS:
            evaluator.findings.use(
                scope.module, node, name, call=node, validator=None, parent=position
            )
            raise evaluator.failure(
                node.function,
                scope,
                f"`v.{name}` does not exist{did_you_mean(name, KNOWN_CONSTRUCTORS)}",
                "unknown_validator",
                "use " + ", ".join(f"v.{known}" for known in sorted(KNOWN_CONSTRUCTORS)),
            )
        if name in ("id", "literal"):
            arguments = evaluator.elements(node.arguments, scope)
        else:
            arguments = self._validator_arguments(name, node, scope)
        keywords = self.keywords(node, scope, "field")
        return self.apply(getattr(v, name), name, node, scope, position, arguments, keywords)

    def _validator_arguments(self, name: str, node: e.Call, scope: Scope) -> list[object]:
        evaluator = self._evaluator
        found: list[object] = []
        failed = False
        positions = _POSITIONS.get(name, ("field" if name == "object" else "union",))
        for index, argument in enumerate(node.arguments):
            position = positions[min(index, len(positions) - 1)]
            try:
                if isinstance(argument, e.Starred):
                    value = evaluator.evaluate(argument.value, scope)
                    found += evaluator.iterate(value, argument, scope)
                    continue
                value = evaluator.evaluate(argument, scope, position)
                if name == "object":
                    value = self._fields(value, argument, scope)
                else:
                    value = require_validator(evaluator, value, argument, scope)
                found.append(value)
            except FailedError:
                failed = True
        if failed:
            raise FailedError
        return found

    def _fields(self, value: object, node: Node, scope: Scope) -> object:
        """What ``v.object(...)`` takes: a mapping, or a TypedDict, which becomes its fields."""
        if isinstance(value, ClassValue | ExternalValue | TypeValue):
            return self._evaluator.typed_dicts.validator(value, node, scope).fields
        if isinstance(value, Mapping):
            return require_fields(self._evaluator, value, node, scope)
        return value

    def apply(
        self,
        constructor: Any,
        name: str,
        node: e.Call,
        scope: Scope,
        position: str | None,
        arguments: list[object],
        keywords: dict[str, object],
    ) -> Validator:
        """Call a constructor or method of a validator and note its use."""
        evaluator = self._evaluator
        try:
            validator = cast("Validator", constructor(*arguments, **keywords))
        except (TypeError, ValueError) as error:
            evaluator.findings.use(
                scope.module, node, name, call=node, validator=None, parent=position
            )
            raise evaluator.failure(
                node, scope, str(error), "invalid_call", "correct the arguments of the call"
            ) from None
        evaluator.findings.use(
            scope.module, node, name, call=node, validator=validator, parent=position
        )
        return validator

    def _method(
        self, receiver: object, name: str, node: e.Call, scope: Scope, position: str | None
    ) -> object:
        evaluator = self._evaluator
        if isinstance(receiver, TableValue):
            return schema_calls.add_index(evaluator, receiver, name, node, scope)
        if isinstance(receiver, SchemaValue):
            return schema_calls.schema_method(evaluator, receiver, name, node, scope, position)
        if isinstance(receiver, Validator):
            arguments = evaluator.elements(node.arguments, scope)
            if name == "extend" and arguments and isinstance(arguments[0], Mapping):
                fields = require_fields(evaluator, arguments[0], node.arguments[0], scope)
                arguments = [fields, *arguments[1:]]
            keywords = self.keywords(node, scope, None)
            method = getattr(receiver, name)
            return self.apply(method, name, node, scope, position, arguments, keywords)
        return self._plain(getattr(receiver, name), node, scope)

    def _external(self, name: str, node: e.Call, scope: Scope) -> object:
        evaluator = self._evaluator
        constructor = constructors.PLAIN.get(name)
        if constructor is not None:
            return self._plain(constructor, node, scope)
        match name:
            case "typing.TypedDict" | "typing_extensions.TypedDict":
                return TypeValue(scope.module, node)
            case "convexity.server.define_table":
                return schema_calls.define_table(evaluator, self, node, scope)
            case "convexity.server.define_schema":
                return schema_calls.define_schema(evaluator, node, scope)
            case "convexity.server.pagination_result_validator":
                return schema_calls.page_validator(evaluator, node, scope)
            case _:
                raise evaluator.failure(node, scope, f"`{name}` is not evaluated before run time")

    def _plain(self, function: Any, node: e.Call, scope: Scope) -> object:
        """Call a function of the standard library that only builds a value."""
        evaluator = self._evaluator
        arguments = evaluator.elements(node.arguments, scope)
        keywords = self.keywords(node, scope, None)
        try:
            value = function(*arguments, **keywords)
        except (TypeError, ValueError, ArithmeticError, LookupError) as error:
            raise evaluator.failure(
                node, scope, f"raises {type(error).__name__}: {error}"
            ) from None
        if hasattr(value, "__next__") or isinstance(value, type({}.items())):
            value = list(value)
        if not constructors.is_bounded(value):
            raise evaluator.failure(node, scope, "has too many elements to be evaluated")
        return value


def require_validator(evaluator: Evaluator, value: object, node: Node, scope: Scope) -> Validator:
    """Return ``value`` if it is a validator, else note what it is."""
    if isinstance(value, Validator):
        return value
    if (
        isinstance(value, ExternalValue)
        and value.name == "convexity.server.pagination_opts_validator"
    ):
        return constructors.PAGINATION
    if isinstance(value, ExternalValue) and value.name.startswith(VALIDATORS):
        name = value.name.removeprefix(VALIDATORS)
        known = name in KNOWN_CONSTRUCTORS
        evaluator.findings.use(scope.module, node, name, call=None, validator=None, parent=None)
        raise evaluator.failure(
            node,
            scope,
            f"`v.{name}` is a function that makes a validator"
            if known
            else f"`v.{name}` does not exist{did_you_mean(name, KNOWN_CONSTRUCTORS)}",
            "uncalled_validator" if known else "unknown_validator",
            f"call it: `v.{name}()`" if known else "use a validator that exists",
        )
    reason = f"is {constructors.describe(value)}, not a validator"
    raise evaluator.failure(node, scope, reason, "not_a_validator", constructors.suggestion(value))


def require_fields(
    evaluator: Evaluator, value: Mapping[Any, Any], node: Node, scope: Scope
) -> dict[str, Validator]:
    """Return a mapping of names to validators, noting each value that is none."""
    places = {}
    if isinstance(node, e.Dict):
        places = {
            item.key.value: item.value for item in node.items if isinstance(item.key, e.Constant)
        }
    found: dict[str, Validator] = {}
    failed = False
    for name, entry in value.items():
        try:
            found[name] = require_validator(evaluator, entry, places.get(name, node), scope)
        except FailedError:
            failed = True
    if failed:
        raise FailedError
    return found


def as_args(
    evaluator: Evaluator, value: object, node: Node, scope: Scope
) -> ObjectValidator | None:
    """Return the object validator of ``args=value``; None after noting why there is none."""
    try:
        if isinstance(value, ObjectValidator):
            return value
        if isinstance(value, Mapping):
            return ObjectValidator(require_fields(evaluator, value, node, scope))
        if isinstance(value, ClassValue | ExternalValue):
            require_validator(evaluator, value, node, scope)
        reason = f"is {constructors.describe(value)}, not a dict of validators"
        raise evaluator.failure(
            node, scope, reason, "not_a_validator", "write a dict of validators, or `v.object(...)`"
        )
    except FailedError:
        return None
    except (TypeError, ValueError) as error:
        evaluator.findings.note(
            scope.module, node, str(error), what=evaluator.what, kind="invalid_call"
        )
        return None
