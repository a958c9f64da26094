"""Validators derived from TypedDicts: ``v.object(SomeTypedDict)`` (language.md section 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity.values import ObjectValidator, UnionValidator, Validator, v
from convexity.values.validators import as_optional

from convexity_compiler.link import types as t
from convexity_compiler.link.values import ClassValue, ExternalValue, TypeValue
from convexity_compiler.summary.expressions import Name

if TYPE_CHECKING:
    from convexity_compiler.link.annotations import Annotations
    from convexity_compiler.link.evaluate import Evaluator
    from convexity_compiler.link.findings import FailedError
    from convexity_compiler.link.types import TypeModel
    from convexity_compiler.link.values import Scope
    from convexity_compiler.summary.node import Node

_SIMPLE: Final[dict[str, Validator]] = {
    "None": v.null(),
    "bool": v.boolean(),
    "float": v.number(),
    "Int64": v.int64(),
    "str": v.string(),
    "bytes": v.bytes(),
    "Any": v.any(),
    "object": v.any(),
}
_ACCEPTED: Final = "use the types of Convex values, another TypedDict, or `Any`"


class UnderivableError(Exception):
    """A type has no validator."""

    def __init__(self, place: str, reason: str, accepted: str) -> None:
        super().__init__(reason)
        self.place = place
        self.reason = reason
        self.accepted = accepted


class TypedDicts:
    """Derives validators from TypedDicts of the project and from generated types."""

    def __init__(self, annotations: Annotations) -> None:
        self._annotations = annotations

    def bind(self, evaluator: Evaluator) -> None:
        """Set the evaluator that notes what cannot be derived."""
        self._evaluator = evaluator

    def validator(
        self, value: ClassValue | ExternalValue | TypeValue, node: Node, scope: Scope
    ) -> ObjectValidator:
        """Return the validator of a TypedDict; ``node`` in ``scope`` asks for it.

        Raises FailedError after noting why there is none.
        """
        model = self._model(value, node)
        try:
            if isinstance(model, t.TypedDictType):
                return self._object(model)
        except UnderivableError as error:
            reason = f"`{error.place}`: {error.reason}"
            raise self._failure(node, scope, reason, error.accepted) from None
        except (TypeError, ValueError) as error:
            raise self._failure(node, scope, str(error), "rename the field") from None
        raise self._failure(
            node,
            scope,
            f"`{t.type_text(model)}` is no TypedDict",
            "give the fields as keywords, or a TypedDict",
        )

    def _model(self, value: ClassValue | ExternalValue | TypeValue, node: Node) -> TypeModel:
        annotations = self._annotations
        if isinstance(value, TypeValue):
            return annotations.evaluate(value.module, value.expression)
        if isinstance(value, ClassValue):
            return annotations.evaluate(value.module, Name(node.span, value.definition.name))
        return annotations.supplied(value.name.rpartition(".")[2], [], value.name)

    def _object(self, model: t.TypedDictType) -> ObjectValidator:
        fields: dict[str, Validator] = {}
        for field in model.fields:
            validator = self._validator(field.type, f"{model.name}.{field.name}")
            fields[field.name] = validator if field.required else as_optional(validator)
        return v.object(fields)

    def _validator(self, model: TypeModel, place: str) -> Validator:
        match model:
            case t.Primitive(name=name) if name in _SIMPLE:
                return _SIMPLE[name]
            case t.Primitive(name="int"):
                raise UnderivableError(
                    place, "`int` is no type of Convex values", "say `float`, or `Int64`"
                )
            case t.IdType(table=str(table)):
                return v.id(table)
            case t.IdType(marker=marker):
                accepted = "use a marker of `_generated.data_model`, such as `Id[Messages]`"
                raise UnderivableError(place, f"`Id[{marker}]` names no table", accepted)
            case t.LiteralType(values=values):
                return self._literals(values, place)
            case t.ListType(element=None) | t.DictType(key=None):
                raise UnderivableError(
                    place, f"`{t.type_text(model)}` does not say what it holds", "say what it holds"
                )
            case t.ListType(element=element) if element is not None:
                return v.array(self._validator(element, f"{place}[]"))
            case t.DictType(key=key, value=value) if key is not None and value is not None:
                return v.record(
                    self._validator(key, f"{place} (key)"), self._validator(value, f"{place}[]")
                )
            case t.TypedDictType():
                return self._object(model)
            case t.UnionType(members=members):
                return UnionValidator(tuple(self._validator(entry, place) for entry in members))
            case t.RecursiveType():
                raise UnderivableError(
                    place, f"`{model.name}` holds itself", "limit the depth, or say `Any`"
                )
            case t.Unknown(reason=reason):
                raise UnderivableError(place, f"`{model.text}` {reason}", _ACCEPTED)
            case _:
                text = t.type_text(model)
                raise UnderivableError(place, f"there is no validator for `{text}`", _ACCEPTED)

    def _literals(
        self, values: tuple[str | int | bool | bytes | None, ...], place: str
    ) -> Validator:
        members: list[Validator] = []
        for value in values:
            if isinstance(value, bytes):
                raise UnderivableError(place, "a literal of bytes has no validator", _ACCEPTED)
            members.append(v.null() if value is None else v.literal(value))
        return members[0] if len(members) == 1 else UnionValidator(tuple(members))

    def _failure(self, node: Node, scope: Scope, reason: str, accepted: str) -> FailedError:
        return self._evaluator.failure(node, scope, reason, "not_a_validator", accepted)
