"""What calls in the body of a function are known to give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.link import types as t
from convexity_compiler.link.generated_types import marker_name, type_of
from convexity_compiler.link.platform import pagination_result, with_system_fields
from convexity_compiler.link.symbols import Defined, External
from convexity_compiler.rules.usage import non_values
from convexity_compiler.rules.usage.values import Handle, Query, literal_text
from convexity_compiler.summary import expressions as e
from convexity_compiler.summary.model import ClassSummary, FunctionSummary

if TYPE_CHECKING:
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.link.types import PrimitiveName, TypeModel
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.rules.usage.local_types import LocalTypes

NONE: Final = t.Primitive("None")
_BUILTINS: Final[dict[str, PrimitiveName]] = {
    "builtins.bool": "bool",
    "builtins.bytes": "bytes",
    "builtins.float": "float",
    "builtins.int": "int",
    "builtins.isinstance": "bool",
    "builtins.len": "int",
    "builtins.repr": "str",
    "builtins.str": "str",
    "convexity.values.to_millis": "float",
    "convexity.values.Int64": "Int64",
    "json.dumps": "str",
    "time.time": "float",
}
_TEXT_METHODS: Final = frozenset(
    {"capitalize", "format", "join", "lower", "lstrip", "removeprefix", "removesuffix", "replace"}
    | {"rstrip", "strip", "title", "upper"}
)
"""Methods of strings that give a string."""


class CallTypes:
    """The types of the calls of one function; None is a type that is not known."""

    def __init__(self, project: LinkedProject, use: FunctionUse, types: LocalTypes) -> None:
        self._project = project
        self._use = use
        self._types = types

    def awaited(self, call: e.Call) -> TypeModel | None:
        """Return the type of ``await call``."""
        if isinstance(call.function, e.Attribute):
            owner = self._use.scope.value(call.function.value)
            if isinstance(owner, Query):
                return self._last_step(owner, call.function.name)
            if isinstance(owner, Handle):
                return self._of_context(owner, call.function.name, call)
        return self._of_project(call, is_async=True)

    def plain(self, call: e.Call) -> TypeModel | None:
        """Return the type of a call without ``await``."""
        if isinstance(call.function, e.Attribute):
            owner = self._use.scope.value(call.function.value)
            if isinstance(owner, Handle):
                return self._at_once(owner, call.function.name, call)
            found = self._of_method(call.function, call)
            if found is not None:
                return found
        symbol = self._use.scope.symbol(call.function)
        if not isinstance(symbol, External):
            return self._of_project(call, is_async=False)
        if symbol.name in _BUILTINS:
            return t.Primitive(_BUILTINS[symbol.name])
        if symbol.name in ("builtins.list", "builtins.sorted") and len(call.arguments) == 1:
            model = self._types.of(call.arguments[0])
            return model if isinstance(model, t.ListType) else None
        return self._types.made(non_values.result_of(symbol.name))

    def _last_step(self, query: Query, method: str) -> TypeModel | None:
        model = document(self._project, query)
        if model is None:
            return None
        match method:
            case "first" | "unique":
                return t.union_of([model, NONE])
            case "collect" | "take":
                return t.ListType(model)
            case "paginate":
                return _page(self._project, query)
            case _:
                return None

    def _of_context(self, owner: Handle, method: str, call: e.Call) -> TypeModel | None:
        match owner.path, method:
            case ("db",) | ("db", "system"), "get" if len(call.arguments) == 1:
                model = self._document_of(call.arguments[0])
                return None if model is None else t.union_of([model, NONE])
            case ("db",), "insert":
                table = literal_text(call, 0)
                return None if table is None else t.IdType(table, marker_name(table))
            case ("scheduler",), "run_after" | "run_at":
                return t.IdType("_scheduled_functions", "ScheduledFunctions")
            case ("storage",), "store":
                return t.IdType("_storage", "Storage")
            case ("storage",), "generate_upload_url":
                return t.Primitive("str")
            case ("storage",), "get_url":
                return t.union_of([t.Primitive("str"), NONE])
            case () | ("options",), "run_query" | "run_mutation" | "run_action" if call.arguments:
                return self._result_of(call.arguments[0])
            case _:
                return None

    def _at_once(self, owner: Handle, method: str, call: e.Call) -> TypeModel | None:
        if (owner.path, method) == ((), "now"):
            return self._types.made(non_values.DATETIME)
        if (owner.path, method) == (("db",), "normalize_id"):
            table = literal_text(call, 0)
            if table is not None:
                return t.union_of([t.IdType(table, marker_name(table)), NONE])
        return None

    def _result_of(self, expression: e.Expr) -> TypeModel | None:
        reference = self._use.scope.reference(expression)
        function = self._project.function(reference) if reference is not None else None
        validator = function.returns.validator if function and function.returns else None
        return None if validator is None else type_of(validator)

    def _document_of(self, expression: e.Expr) -> TypeModel | None:
        model = self._types.of(expression)
        tables = {
            entry.table if isinstance(entry, t.IdType) else None
            for entry in (t.members(model) if model is not None else ())
            if entry != NONE
        }
        if len(tables) != 1:
            return None
        (table,) = tables
        return None if table is None else self._project.generated.get(f"{marker_name(table)}Doc")

    def _of_method(self, method: e.Attribute, call: e.Call) -> TypeModel | None:
        model = self._types.of(method.value)
        if isinstance(model, t.TypedDictType) and method.name == "get" and call.arguments:
            return self._field(model, call)
        is_text = model == t.Primitive("str") or (
            isinstance(model, t.LiteralType) and all(isinstance(v, str) for v in model.values)
        )
        if is_text and method.name in _TEXT_METHODS:
            return t.Primitive("str")
        if isinstance(model, t.TypedDictType) and method.name == "copy":
            return model
        if self._types.non_value(model) == non_values.DATETIME:
            if method.name in ("replace", "astimezone"):
                return model
            if method.name in ("isoformat", "strftime"):
                return t.Primitive("str")
        return None

    def _field(self, model: t.TypedDictType, call: e.Call) -> TypeModel | None:
        name = literal_text(call, 0)
        found = next((field.type for field in model.fields if field.name == name), None)
        default = self._types.of(call.arguments[1]) if len(call.arguments) > 1 else NONE
        return None if found is None or default is None else t.union_of([found, default])

    def _of_project(self, call: e.Call, *, is_async: bool) -> TypeModel | None:
        """What a function or class of the project gives, as it is annotated."""
        symbol = self._use.scope.symbol(call.function)
        if not isinstance(symbol, Defined) or symbol.attributes:
            return None
        bound = self._project.resolver.bound(symbol.module, symbol.name)
        definition = bound[0].definition if len(bound) == 1 else None
        if isinstance(definition, ClassSummary):
            return self._types.annotated(self._use.module, call.function)
        if (
            not isinstance(definition, FunctionSummary)
            or definition.decorators
            or definition.returns is None
            or definition.is_async != is_async
            or definition.is_generator
        ):
            return None
        return self._types.annotated(symbol.module, definition.returns)


def document(project: LinkedProject, query: Query) -> TypeModel | None:
    """Return the type of the documents that a query gives."""
    return project.generated.get(f"{marker_name(query.table)}Doc") if query.table else None


def _page(project: LinkedProject, query: Query) -> TypeModel | None:
    table = project.schema.tables.get(query.table or "") if project.schema else None
    if table is None or table.document.validator is None:
        return None
    validator = with_system_fields(table.name, table.document.validator)
    return type_of(pagination_result(validator), "PaginationResult")
