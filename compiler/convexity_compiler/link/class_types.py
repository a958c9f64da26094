"""TypedDicts of the project, and the two that ``convexity.server`` supplies, as types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity.values import v

from convexity_compiler.link import types as t
from convexity_compiler.link.generated_types import type_of
from convexity_compiler.link.platform import PAGINATION_OPTIONS, pagination_result
from convexity_compiler.link.symbols import Defined
from convexity_compiler.summary import expressions as e
from convexity_compiler.summary.model import ClassSummary
from convexity_compiler.summary.statements import Assign
from convexity_compiler.summary.walk import walk

if TYPE_CHECKING:
    from convexity_compiler.link.annotations import Annotations, Variables
    from convexity_compiler.link.types import TypeModel

_TYPED_DICT: Final = "typing.TypedDict"
_GENERICS: Final = frozenset({"typing.Generic", "typing.Protocol"})
_DEEPEST: Final = 50
"""Most classes between a class and its most distant base."""
_ANY: Final = v.any()
_QUALIFIERS: Final[dict[str, bool | None]] = {
    "typing.Required": True,
    "typing.NotRequired": False,
    "typing.ReadOnly": None,
    "typing.Annotated": None,
}


class ClassTypes:
    """Turns classes into types."""

    def __init__(self, annotations: Annotations) -> None:
        self._annotations = annotations

    def model(
        self, module: str, definition: ClassSummary, arguments: list[TypeModel], text: str
    ) -> TypeModel:
        """Return the type of a class with its type arguments."""
        fields = self._fields(module, definition, arguments, 0)
        if fields is None:
            return t.Unsupported(text)
        return t.TypedDictType(definition.name, tuple(fields.values()))

    def pagination(self, name: str, arguments: list[TypeModel]) -> TypeModel:
        """``PaginationOptions`` or ``PaginationResult[X]``."""
        if name == "PaginationOptions":
            return type_of(PAGINATION_OPTIONS, name)
        page = type_of(pagination_result(_ANY), name)
        assert isinstance(page, t.TypedDictType)
        element = arguments[0] if arguments else t.Primitive("Any")
        fields = tuple(
            t.TypedDictField("page", t.ListType(element), True) if field.name == "page" else field
            for field in page.fields
        )
        return t.TypedDictType(f"{name}[{t.type_text(element)}]", fields)

    def functional(self, module: str, call: e.Call) -> TypeModel:
        """``TypedDict("Name", {...})``."""
        first = call.arguments[0] if call.arguments else None
        name = first.value if isinstance(first, e.Constant) else None
        if not isinstance(name, str):
            return t.Unknown("TypedDict", "is a TypedDict without a name")
        total = _is_total(tuple((entry.name, entry.value) for entry in call.keywords))
        display = call.arguments[1] if len(call.arguments) > 1 else None
        if not isinstance(display, e.Dict):
            return t.Unknown(name, "is a TypedDict whose fields are not written as a dict")
        fields = []
        for item in display.items:
            if not (isinstance(item.key, e.Constant) and isinstance(item.key.value, str)):
                return t.Unknown(name, "is a TypedDict with computed field names")
            fields.append(self._field(module, item.key.value, item.value, total, {}))
        return t.TypedDictType(name, tuple(fields))

    def free_variables(self, module: str, expression: e.Expr) -> list[str]:
        """Names of the type variables in an expression, in order of appearance."""
        found: dict[str, None] = {}
        for node in walk(expression):
            if isinstance(node, e.Name) and self._is_type_variable(module, node):
                found[node.id] = None
        return list(found)

    def _fields(
        self, module: str, definition: ClassSummary, arguments: list[TypeModel], depth: int
    ) -> dict[str, t.TypedDictField] | None:
        """Fields with the inherited ones first; None for a class that is no TypedDict."""
        names = definition.type_parameters or tuple(self._generic_names(module, definition))
        variables: Variables = dict(zip(names, arguments, strict=False))
        for name in names:
            variables.setdefault(name, t.Unknown(name, "is a type variable"))
        fields: dict[str, t.TypedDictField] = {}
        is_typed_dict = False
        for base in definition.bases:
            inherited = self._base_fields(module, base, variables, depth)
            if inherited is not None:
                is_typed_dict = True
                fields.update(inherited)
        if not is_typed_dict:
            return None
        total = _is_total(definition.keywords)
        for entry in definition.fields:
            if entry.annotation is not None:
                fields[entry.name] = self._field(
                    module, entry.name, entry.annotation, total, variables
                )
        return fields

    def _base_fields(
        self, module: str, base: e.Expr, variables: Variables, depth: int
    ) -> dict[str, t.TypedDictField] | None:
        annotations = self._annotations
        target = base
        parameters: tuple[e.Expr, ...] = ()
        if isinstance(base, e.Subscript):
            target = base.value
            index = base.index
            parameters = index.elements if isinstance(index, e.Tuple) else (index,)
        origin = annotations.origin(module, target)
        if origin == _TYPED_DICT:
            return {}
        if origin is not None and origin not in _GENERICS:
            model = annotations.evaluate(module, base, variables)
            if isinstance(model, t.TypedDictType):
                return {field.name: field for field in model.fields}
            return None
        symbol = annotations.resolver.symbol(module, target, static=True)
        if not isinstance(symbol, Defined) or symbol.attributes or depth > _DEEPEST:
            return None
        bound = annotations.resolver.namespace(symbol.module).static(symbol.name)
        found = bound[-1].definition
        if not isinstance(found, ClassSummary):
            return None
        models = [annotations.evaluate(module, entry, variables) for entry in parameters]
        return self._fields(symbol.module, found, models, depth + 1)

    def _field(
        self, module: str, name: str, annotation: e.Expr, total: bool, variables: Variables
    ) -> t.TypedDictField:
        annotations = self._annotations
        required = total
        annotation = annotations.expand(annotation)
        while isinstance(annotation, e.Subscript):
            origin = annotations.origin(module, annotation.value) or ""
            if origin not in _QUALIFIERS:
                break
            qualifier = _QUALIFIERS[origin]
            required = required if qualifier is None else qualifier
            index = annotation.index
            inner = index.elements[0] if isinstance(index, e.Tuple) else index
            annotation = annotations.expand(inner)
        return t.TypedDictField(name, annotations.evaluate(module, annotation, variables), required)

    def _generic_names(self, module: str, definition: ClassSummary) -> list[str]:
        """Type variables in the order of ``Generic[...]``, else of appearance in the bases."""
        found: dict[str, None] = {}
        for base in definition.bases:
            if isinstance(base, e.Subscript):
                names = self.free_variables(module, base.index)
                if self._annotations.origin(module, base.value) in _GENERICS:
                    return names
                found.update(dict.fromkeys(names))
        return list(found)

    def _is_type_variable(self, module: str, name: e.Name) -> bool:
        symbol = self._annotations.resolver.symbol(module, name, static=True)
        if not isinstance(symbol, Defined):
            return False
        for bound in self._annotations.resolver.namespace(symbol.module).static(symbol.name):
            definition = bound.definition
            if isinstance(definition, Assign) and isinstance(definition.value, e.Call):
                made_by = self._annotations.origin(symbol.module, definition.value.function)
                return made_by == "typing.TypeVar"
        return False


def _is_total(keywords: tuple[tuple[str | None, e.Expr], ...]) -> bool:
    return not any(
        name == "total" and isinstance(value, e.Constant) and value.value is False
        for name, value in keywords
    )
