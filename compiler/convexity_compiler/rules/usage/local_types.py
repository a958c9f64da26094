"""What type the local values of a function are known to have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity.values import ObjectValidator

from convexity_compiler.link import types as t
from convexity_compiler.link.generated_types import type_of
from convexity_compiler.link.symbols import Defined
from convexity_compiler.memo import Memo
from convexity_compiler.rules.usage import non_values
from convexity_compiler.rules.usage.call_types import NONE, CallTypes, document
from convexity_compiler.rules.usage.values import Query
from convexity_compiler.summary import expressions as e
from convexity_compiler.summary import statements as s
from convexity_compiler.summary.annotation_strings import parse_annotation
from convexity_compiler.summary.model import Parameter

if TYPE_CHECKING:
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.link.types import TypeModel
    from convexity_compiler.rules.usage.bindings import Binding
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.rules.usage.non_values import NonValue

_ABSENT: Final = ("None", "Unset")
_NAMES: Final[dict[type, t.PrimitiveName]] = {float: "float", int: "int"}


def present(model: TypeModel) -> list[TypeModel]:
    """Return the members of a type without ``None`` and ``Unset``, which a test may have ruled
    out."""
    return [entry for entry in t.members(model) if not _is_absent(entry)]


def _is_absent(model: TypeModel) -> bool:
    return isinstance(model, t.Primitive) and model.name in _ABSENT


class LocalTypes:
    """The types of the expressions of one function; None is a type that is not known.

    ``Unsupported`` here is what surely is no Convex value, and ``non_value`` says what.
    """

    def __init__(self, project: LinkedProject, use: FunctionUse) -> None:
        """Take a function; nothing is looked at before it is asked for."""
        self._project = project
        self._use = use
        self._calls = CallTypes(project, use, self)
        self._names: dict[str, TypeModel | None] = {}
        self._names_open = 0
        self._known: dict[int, tuple[e.Expr, TypeModel | None]] = {}
        self._non_values: dict[str, NonValue] = {}

    def forget(self) -> None:
        """Drop everything; it cannot be asked any more."""
        vars(self._calls).clear()
        vars(self).clear()

    def of(self, expression: e.Expr) -> TypeModel | None:
        """Return the type of an expression."""
        if isinstance(expression, e.Name):
            return self._name(expression, expression.id)
        known = self._known.get(id(expression))
        if known is not None:
            return known[1]
        found = self._of(expression)
        if not self._names_open:  # else it may change with what is known of the name
            self._known[id(expression)] = (expression, found)
        return found

    def _of(self, expression: e.Expr) -> TypeModel | None:
        match expression:
            case e.Constant(value=value):
                return _constant(value)
            case e.FormattedString():
                return t.Primitive("str")
            case e.Walrus(value=value):
                return self.of(value)
            case e.Await(value=e.Call() as call):
                return self._calls.awaited(call)
            case e.Call():
                return self._calls.plain(expression)
            case e.Conditional(body=body, otherwise=otherwise):
                return self._union([self.of(body), self.of(otherwise)])
            case e.Boolean(operator="or", values=values):
                last = self.of(values[-1])
                return self._union([*map(self._without_absent, values[:-1]), last])
            case e.Subscript(value=value, index=index):
                return self._item(value, index)
            case e.Attribute():
                return self._non_value(self._enum_member(expression))
            case e.Binary(left=left, right=right, operator="+" | "-"):
                return self._sum(self.of(left), self.of(right))
            case e.List(elements=elements):
                return self._list(elements)
            case e.Comprehension():
                return self._comprehension(expression)
            case e.Tuple():
                return self._non_value(non_values.TUPLE)
            case e.Opaque(kind="Set"):
                return self._non_value(non_values.SET)
            case _:
                return None

    def non_value(self, model: TypeModel | None) -> NonValue | None:
        """Return what a type is that can be neither stored nor sent."""
        return self._non_values.get(model.text) if isinstance(model, t.Unsupported) else None

    def annotated(self, module: str, annotation: e.Expr) -> TypeModel | None:
        """Return the meaning of an annotation of a module of the project."""
        if isinstance(annotation, e.Constant) and isinstance(annotation.value, str):
            annotation = parse_annotation(annotation.value, annotation.span) or annotation
        if isinstance(annotation, e.Binary) and annotation.operator == "|":
            sides = (annotation.left, annotation.right)
            return self._union([self.annotated(module, side) for side in sides])
        target = annotation.value if isinstance(annotation, e.Subscript) else annotation
        symbol = self._project.resolver.symbol(module, target, static=True)
        found = non_values.class_of(self._project.resolver, symbol)
        if found is not None and not isinstance(symbol, Defined):
            return self._non_value(found)
        model = self._project.annotation(module, annotation)
        if found is not None and isinstance(model, t.Unsupported):
            return self._non_value(found)
        return None if isinstance(model, (t.Unsupported, t.Unknown, t.RecursiveType)) else model

    def made(self, found: NonValue | None) -> TypeModel | None:
        """Return the type of something that is no value."""
        return self._non_value(found)

    def display(self, expression: e.Expr) -> e.Expr:
        """Return the dict, list or comprehension that a variable holds which is used once."""
        if not isinstance(expression, e.Name):
            return expression
        bound = self._bound(expression.id)
        if len(bound) != 1 or not isinstance(bound[0], (e.Dict, e.List, e.Comprehension)):
            return expression
        seen = sum(
            isinstance(place.node, e.Name) and place.node.id == expression.id
            for place in self._use.names
        )
        return bound[0] if seen == _TARGET_AND_USE else expression

    def _bound(self, name: str) -> list[Binding]:
        return self._use.bindings.get(name, [])

    def _name(self, expression: e.Expr, name: str) -> TypeModel | None:
        if name not in self._names:
            self._names[name] = None  # while it is looked for: a variable made from itself
            self._names_open += 1
            self._names[name] = self._bound_type(expression, name)
            self._names_open -= 1
        return self._names[name]

    def _bound_type(self, expression: e.Expr, name: str) -> TypeModel | None:
        bound = self._bound(name)
        if not bound:
            return self._global(expression)
        found: list[TypeModel | None] = []
        others = 0
        for binding in bound:
            if isinstance(binding, Parameter):
                found.append(self._parameter(binding))
            elif isinstance(binding, e.Expr):
                found.append(self.of(binding))
            else:
                others += 1
        loops = self._use.loops.get(name, []) if others else []
        if len(loops) != others:
            return None
        found += [self._element(iterable, is_async) for iterable, is_async in loops]
        return self._union(found)

    def _global(self, expression: e.Expr) -> TypeModel | None:
        symbol = self._use.scope.symbol(expression)
        if not isinstance(symbol, Defined) or symbol.attributes:
            return None
        bound = self._project.resolver.bound(symbol.module, symbol.name)
        definition = bound[0].definition if len(bound) == 1 else None
        if isinstance(definition, s.Assign) and isinstance(definition.value, e.Constant):
            return _constant(definition.value.value)
        return None

    def _parameter(self, parameter: Parameter) -> TypeModel | None:
        registered = self._use.registered
        if parameter.kind in ("var_positional", "var_keyword"):
            return None
        for linked in registered.parameters if registered else ():
            if linked.parameter is not parameter:
                continue
            args = registered.args.validator if registered and registered.args else None
            field = args.fields.get(linked.wire_name) if isinstance(args, ObjectValidator) else None
            if field is not None:
                model = type_of(field)
                return t.union_of([model, NONE]) if field.is_optional else model
        if parameter.annotation is None:
            return None
        return self.annotated(self._use.module, parameter.annotation)

    def _element(self, iterable: e.Expr, is_async: bool) -> TypeModel | None:
        if is_async:
            query = self._use.scope.value(iterable)
            return document(self._project, query) if isinstance(query, Query) else None
        model = self.of(iterable)
        return model.element if isinstance(model, t.ListType) else None

    def _item(self, value: e.Expr, index: e.Expr) -> TypeModel | None:
        model = self.of(value)
        if model is None:
            return None
        if isinstance(index, e.Constant) and isinstance(index.value, str):
            return field_type(model, index.value)
        if isinstance(model, t.ListType):
            return model if isinstance(index, e.Opaque) else model.element
        return None

    def _list(self, elements: tuple[e.Expr, ...]) -> TypeModel | None:
        return t.ListType(self._union([self.of(element) for element in elements]))

    def _comprehension(self, node: e.Comprehension) -> TypeModel | None:
        match node.kind:
            case "list":
                return t.ListType(self.of(node.element))
            case "set":
                return self._non_value(non_values.SET)
            case "generator":
                return self._non_value(non_values.GENERATOR)
            case _:
                return None

    def _sum(self, left: TypeModel | None, right: TypeModel | None) -> TypeModel | None:
        known = (self.non_value(left), self.non_value(right))
        if known in (
            (non_values.DATETIME, non_values.TIMEDELTA),
            (non_values.TIMEDELTA, non_values.TIMEDELTA),
        ):
            return left
        return left if left == right == t.Primitive("str") else None

    def _enum_member(self, expression: e.Expr) -> NonValue | None:
        symbol = self._use.scope.symbol(expression)
        return non_values.enum_member(self._project.resolver, symbol)

    def _non_value(self, found: NonValue | None) -> TypeModel | None:
        if found is None:
            return None
        self._non_values[found.name] = found
        return t.Unsupported(found.name)

    def _without_absent(self, expression: e.Expr) -> TypeModel | None:
        model = self.of(expression)
        members = present(model) if model is not None else []
        return t.union_of(members) if members else None

    def _union(self, models: list[TypeModel | None]) -> TypeModel | None:
        known = [model for model in models if model is not None]
        return t.union_of(known) if known and len(known) == len(models) else None


_TARGET_AND_USE: Final = 2
"""How often the name of a variable stands in a function that assigns and uses it once."""
_KNOWN: Final[Memo[FunctionUse, LocalTypes]] = Memo()


def local_types(use: FunctionUse) -> LocalTypes:
    """Return the types of a function; worked out once, for all rules."""
    found = _KNOWN.get(use)
    if found is None:
        found = _KNOWN[use] = LocalTypes(use.project, use)
    return found


def forget_types(use: FunctionUse) -> None:
    """Drop what is known of a function; its parts refer to each other, and nothing collects them
    during a check."""
    found = _KNOWN.get(use)
    if found is not None:
        found.forget()


def field_type(model: TypeModel, name: str) -> TypeModel | None:
    """Return the type of a field in the members of a type that have it."""
    found = []
    for member in present(model):
        if not isinstance(member, t.TypedDictType):
            return None
        found += [field.type for field in member.fields if field.name == name]
    return t.union_of(found) if found else None


def _constant(value: e.ConstantValue) -> TypeModel:
    if value is None:
        return NONE
    if isinstance(value, float):
        return t.Primitive("float")
    return t.LiteralType((value,))
