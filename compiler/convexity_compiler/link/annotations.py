"""Evaluation of annotations to the type model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.link import types as t
from convexity_compiler.link.class_types import ClassTypes
from convexity_compiler.link.symbols import Defined, External
from convexity_compiler.summary import expressions as e
from convexity_compiler.summary.annotation_strings import parse_annotation
from convexity_compiler.summary.model import ClassSummary
from convexity_compiler.summary.statements import Assign

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from convexity_compiler.link.generated_types import GeneratedTypes
    from convexity_compiler.link.resolve import Resolver
    from convexity_compiler.link.types import TypeModel
    from convexity_compiler.summary.model import ModuleSummary

Variables = dict[str, t.TypeModel]
"""What the type variables in scope stand for."""

_PRIMITIVES: Final[dict[str, t.PrimitiveName]] = {
    "builtins.bool": "bool",
    "builtins.int": "int",
    "builtins.float": "float",
    "builtins.str": "str",
    "builtins.bytes": "bytes",
    "builtins.object": "object",
    "types.NoneType": "None",
    "typing.Any": "Any",
    "convexity.values.Int64": "Int64",
    "convexity.values.Value": "Value",
    "convexity.values.Unset": "Unset",
}
_LISTS: Final = frozenset({"builtins.list", "typing.List"})
_DICTS: Final = frozenset({"builtins.dict", "typing.Dict"})
_TRANSPARENT: Final = frozenset(
    {"typing.Annotated", "typing.Final", "typing.Required", "typing.NotRequired"}
    | {"typing.ReadOnly", "typing.Unpack"}
)
_IDS: Final = frozenset({"convexity.values.Id", "_generated.data_model.Id"})
_DATA_MODEL: Final = "_generated.data_model."
_SERVER: Final = "convexity.server."
_NEVER: Final = frozenset({"typing.Never", "typing.NoReturn"})


class Annotations:
    """Evaluates the annotations of a project; classes and aliases once for each use."""

    def __init__(
        self,
        resolver: Resolver,
        modules: Mapping[str, ModuleSummary],
        generated: Callable[[], GeneratedTypes],
    ) -> None:
        """``generated`` gives the generated types as far as they are known by then."""
        self.resolver = resolver
        self._modules = modules
        self._generated = generated
        self._classes = ClassTypes(self)
        self._pending: list[tuple[str, str]] = []
        self._names: dict[tuple[str, str], TypeModel] = {}

    def evaluate(
        self, module: str, expression: e.Expr, variables: Variables | None = None
    ) -> TypeModel:
        """Return the meaning of an annotation of ``module``; never raises."""
        try:
            return self._evaluate(module, expression, variables or {})
        except RecursionError:
            return self.unknown(module, expression, "is nested too deeply")

    def unknown(self, module: str, expression: e.Expr, reason: str) -> t.Unknown:
        """An annotation whose meaning is not known."""
        return t.Unknown(self._modules[module].source(expression.span), reason)

    def origin(self, module: str, expression: e.Expr) -> str | None:
        """Qualified name of a type as type checkers see it, ``typing_extensions`` as ``typing``."""
        symbol = self.resolver.symbol(module, expression, static=True)
        if not isinstance(symbol, External):
            return None
        return symbol.name.replace("typing_extensions.", "typing.", 1)

    def _evaluate(self, module: str, expression: e.Expr, variables: Variables) -> TypeModel:
        match expression:
            case e.Constant(value=None):
                return t.Primitive("None")
            case e.Constant(value=str(text)):
                parsed = parse_annotation(text, expression.span)
                if parsed is None:
                    return t.Unknown(text, "is no valid annotation")
                return self._evaluate(module, parsed, variables)
            case e.Binary(operator="|", left=left, right=right):
                sides = (left, right)
                return t.union_of([self._evaluate(module, side, variables) for side in sides])
            case e.Subscript(value=value, index=index):
                return self._subscript(module, expression, value, index, variables)
            case e.Call():
                return self._made(module, expression, self._modules[module].source(expression.span))
            case e.Name(id=name) if name in variables:
                return variables[name]
            case e.Name(id=name):
                return self._plain_name(module, expression, name)
            case e.Attribute():
                return self._named(module, expression, (), variables)
            case _:
                return self.unknown(module, expression, "is not an annotation that is understood")

    def _plain_name(self, module: str, expression: e.Expr, name: str) -> TypeModel:
        """A name without arguments, which most annotations are; evaluated once if not within
        another definition."""
        if self._pending:
            return self._named(module, expression, (), {})
        found = self._names.get((module, name))
        if found is None:
            found = self._names[module, name] = self._named(module, expression, (), {})
        return found

    def forget(self) -> None:
        """Forget what names mean; more generated types are known."""
        self._names.clear()

    def _subscript(
        self,
        module: str,
        expression: e.Expr,
        value: e.Expr,
        index: e.Expr,
        variables: Variables,
    ) -> TypeModel:
        arguments = index.elements if isinstance(index, e.Tuple) else (index,)
        origin = self.origin(module, value)
        if origin in _IDS:
            return self._id(module, arguments[0], variables)
        if origin == "typing.Literal":
            return self._literal(module, expression, arguments)
        if origin in ("typing.Optional", "typing.Union"):
            models = [self._evaluate(module, entry, variables) for entry in arguments]
            if origin == "typing.Optional":
                models.append(t.Primitive("None"))
            return t.union_of(models)
        if origin in _TRANSPARENT:
            return self._evaluate(module, arguments[0], variables)
        return self._named(module, value, arguments, variables, expression)

    def _named(
        self,
        module: str,
        name: e.Expr,
        arguments: tuple[e.Expr, ...],
        variables: Variables,
        whole: e.Expr | None = None,
    ) -> TypeModel:
        """A class, alias or generic, with its arguments."""
        symbol = self.resolver.symbol(module, name, static=True)
        if isinstance(symbol, Defined):
            models = [self._evaluate(module, entry, variables) for entry in arguments]
            return self._defined(symbol, models, whole or name, module)
        origin = self.origin(module, name)
        text = self._modules[module].source((whole or name).span)
        if origin is None:
            return t.Unknown(text, "names nothing that is known")
        if origin in _PRIMITIVES:
            return t.Primitive(_PRIMITIVES[origin])
        if origin in _LISTS:
            element = self._evaluate(module, arguments[0], variables) if arguments else None
            return t.ListType(element)
        if origin in _DICTS:
            if len(arguments) != 2:
                return t.DictType(None, None)
            key, value = (self._evaluate(module, entry, variables) for entry in arguments)
            return t.DictType(key, value)
        if origin.startswith((_DATA_MODEL, _SERVER)):
            models = [self._evaluate(module, entry, variables) for entry in arguments]
            return self.supplied(origin.rpartition(".")[2], models, text)
        if origin in _NEVER:
            return t.Unknown(text, "has no values")
        if origin.startswith(("builtins.", "datetime.", "typing.", "collections.", "decimal.")):
            return t.Unsupported(text)
        return t.Unknown(text, f"`{origin}` is outside the project")

    def supplied(self, name: str, arguments: list[TypeModel], text: str) -> TypeModel:
        """A type of ``_generated.data_model`` or ``convexity.server``."""
        if name in ("PaginationOptions", "PaginationResult"):
            return self._classes.pagination(name, arguments)
        if self._generated().table(name) is not None:
            return t.Unsupported(text)
        return self._generated().get(name) or t.Unknown(text, "is no generated type that is known")

    def _defined(
        self, symbol: Defined, arguments: list[TypeModel], expression: e.Expr, module: str
    ) -> TypeModel:
        text = self._modules[module].source(expression.span)
        key = (symbol.module, symbol.name)
        if symbol.attributes:
            return t.Unknown(text, "is no type that is understood")
        if key in self._pending:
            return t.RecursiveType(symbol.name)
        bound = self.resolver.namespace(symbol.module).static(symbol.name)
        self._pending.append(key)
        try:
            definition = bound[-1].definition
            if isinstance(definition, ClassSummary):
                return self._classes.model(symbol.module, definition, arguments, text)
            if isinstance(definition, Assign) and definition.value is not None:
                return self._alias(symbol, definition.value, arguments, text)
        finally:
            self._pending.pop()
        return t.Unknown(text, "is no type")

    def _alias(
        self, symbol: Defined, value: e.Expr, arguments: list[TypeModel], text: str
    ) -> TypeModel:
        if isinstance(value, e.Call):
            return self._made(symbol.module, value, text)
        names = self._classes.free_variables(symbol.module, value)
        return self._evaluate(symbol.module, value, dict(zip(names, arguments, strict=False)))

    def _made(self, module: str, call: e.Call, text: str) -> TypeModel:
        """``TypedDict("Name", {...})`` or ``NewType("Name", base)``."""
        origin = self.origin(module, call.function)
        if origin == "typing.TypedDict":
            return self._classes.functional(module, call)
        if origin == "typing.NewType" and len(call.arguments) == 2:
            return self._evaluate(module, call.arguments[1], {})
        return t.Unknown(text, "is made at run time")

    def _id(self, module: str, argument: e.Expr, variables: Variables) -> TypeModel:
        if isinstance(argument, e.Constant) and isinstance(argument.value, str):
            argument = parse_annotation(argument.value, argument.span) or argument
        if isinstance(argument, e.Name) and argument.id in variables:
            return t.Unknown(argument.id, "is a type variable")
        origin = self.origin(module, argument)
        text = self._modules[module].source(argument.span)
        name = (origin or text).rpartition(".")[2]
        known = origin is not None and origin.startswith((_DATA_MODEL, _SERVER))
        return t.IdType(self._generated().table(name) if known else None, name)

    def _literal(self, module: str, expression: e.Expr, arguments: tuple[e.Expr, ...]) -> TypeModel:
        values: list[str | int | bool | bytes | None] = []
        for argument in arguments:
            match argument:
                case e.Constant(value=value) if not isinstance(value, float):
                    values.append(value)
                case e.Unary(operator="-", operand=e.Constant(value=int(number))):
                    values.append(-number)
                case _:
                    model = self._evaluate(module, argument, {})
                    if not isinstance(model, t.LiteralType):
                        return self.unknown(module, expression, "has a value that is no literal")
                    values.extend(model.values)
        return t.LiteralType(tuple(values))

    def expand(self, expression: e.Expr) -> e.Expr:
        """Return an annotation, parsed if it is written as a string."""
        if isinstance(expression, e.Constant) and isinstance(expression.value, str):
            return parse_annotation(expression.value, expression.span) or expression
        return expression
