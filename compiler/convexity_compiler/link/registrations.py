"""Registered functions: decorators of ``_generated.server`` on functions of the project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from convexity.values import Validator

from convexity_compiler.discover import GENERATED_FOLDER
from convexity_compiler.link import types as t
from convexity_compiler.link.calls import as_args, require_validator
from convexity_compiler.link.field_sources import field_sources
from convexity_compiler.link.findings import FailedError
from convexity_compiler.link.generated_types import FunctionTypes
from convexity_compiler.link.integers import with_integers
from convexity_compiler.link.model import (
    Evaluated,
    LinkedFunction,
    LinkedParameter,
    Location,
    Misplaced,
)
from convexity_compiler.link.registration import REGISTRARS, Registration
from convexity_compiler.link.types import AnnotatedType
from convexity_compiler.link.values import Scope
from convexity_compiler.link.wire_names import wire_name
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Literal

    from convexity.values import ObjectValidator

    from convexity_compiler.link.annotations import Annotations
    from convexity_compiler.link.evaluate import Evaluator
    from convexity_compiler.link.model import PlacementFault
    from convexity_compiler.summary.model import FunctionSummary, ModuleSummary, Parameter

_REGISTRAR_MODULES: Final = (f"{GENERATED_FOLDER}.server", "convexity.server")
_REFERENCES: Final = (f"{GENERATED_FOLDER}.api.api", f"{GENERATED_FOLDER}.api.internal")
_ROUTE_METHOD: Final = "route"
_UNPACK: Final = "typing.Unpack"
_PLACEMENT_FAULTS: Final[dict[str, PlacementFault]] = {
    "conditional": "conditional",
    "type_checking": "conditional",
    "class": "class",
    "function": "function",
}


class Registrations:
    """Finds the registered functions of one module: first all of them, then what they mean."""

    def __init__(
        self, module: ModuleSummary, evaluator: Evaluator, annotations: Annotations
    ) -> None:
        """Find the registrations of ``module``, and those the backend would not see.

        ``annotations`` are those of handlers, which may use types generated from any function.
        """
        self._evaluator = evaluator
        self._annotations = annotations
        self._resolver = evaluator.resolver
        self._found: list[Registration] = []
        self._types: dict[tuple[str, str], t.TypeModel] = {}
        """Meaning of annotations by module and text: the same text means the same there."""
        self.misplaced: list[Misplaced] = []
        self._collect(module)

    def _collect(self, module: ModuleSummary) -> None:
        for definition in module.functions:
            self._function(module, definition)
        for definition_class in module.classes:
            for decorator in definition_class.decorators:
                name = self._registrar(module.module, decorator)
                if name is not None:
                    self._misplace(
                        module, "decorated_class", definition_class.name, name[1], decorator
                    )
        for assignment in module.assignments:
            self._assignment(module, assignment.statement.targets, assignment.statement.value)

    def _function(self, module: ModuleSummary, definition: FunctionSummary) -> None:
        found: list[tuple[int, str, str]] = []
        for index, decorator in enumerate(definition.decorators):
            name = self._registrar(module.module, decorator)
            if name is None:
                self._reference_decorator(module, definition, decorator)
            else:
                found.append((index, *name))
        if not found:
            return
        index, origin, registrar = found[0]
        decorator = definition.decorators[index]
        fault = _PLACEMENT_FAULTS.get(definition.placement)
        if module.module.rpartition("/")[2] == "__init__":
            fault = "init_module"
        if fault is not None:
            self._misplace(module, fault, definition.name, registrar, decorator)
            return
        call = decorator if isinstance(decorator, e.Call) else None
        wire, wire_location = self._wire_name(module, definition, call)
        self._found.append(
            Registration(
                module=module,
                definition=definition,
                position=index,
                origin=origin,
                registrar=registrar,
                registrations=tuple(definition.decorators[place] for place, _, _ in found),
                name=wire,
                name_location=wire_location,
                args=self._args(module, definition, call),
                returns=self._returns(module, definition, call),
            )
        )

    @property
    def is_complete(self) -> bool:
        """Whether the validators of all functions are known, so that their types are."""
        known = len(self.types())
        return known == sum(not entry.is_http for entry in self._found) and not self.misplaced

    def types(self) -> tuple[FunctionTypes, ...]:
        """What the types of the functions are generated from."""
        return tuple(
            FunctionTypes(entry.module.module, entry.name, entry.args, entry.returns)
            for entry in self._found
            if entry.args is not None and entry.returns is not None
        )

    def linked(self) -> list[LinkedFunction]:
        """Return the registered functions, with annotations understood."""
        return [self._linked(entry) for entry in self._found]

    def _linked(self, entry: Registration) -> LinkedFunction:
        module, definition, call = entry.module, entry.definition, entry.call
        kind, visibility = REGISTRARS[entry.registrar]
        context, parameters = self._parameters(module, definition)
        returned = self._annotated(module, definition.returns)
        args, returns = entry.args, entry.returns
        if args is not None:
            annotations = {entry.wire_name: entry.annotation.type for entry in parameters}
            args = cast("ObjectValidator", with_integers(args, annotations))
        if returns is not None:
            returns = with_integers(returns, returned.type)
        above = tuple(
            decorator
            for decorator in definition.decorators[: entry.position]
            if decorator not in entry.registrations
            and not (kind == "http_action" and is_route(decorator))
        )
        return LinkedFunction(
            path=f"{module.module}:{entry.name}",
            module=module.module,
            name=entry.name,
            name_location=entry.name_location,
            definition=definition,
            kind=kind,
            visibility=visibility,
            registrar=entry.registrar,
            registrar_origin=entry.origin,
            registration=definition.decorators[entry.position],
            call=call,
            runtime=self._runtime(module, call),
            args=self._evaluated(module, call, "args", args),
            returns=self._evaluated(module, call, "returns", returns),
            context=context,
            context_annotation=self._annotated(
                module, None if context is None else context.annotation
            ),
            parameters=tuple(parameters),
            return_annotation=returned,
            registrations=entry.registrations,
            decorators_above=above,
            decorators_below=tuple(
                decorator
                for decorator in definition.decorators[entry.position + 1 :]
                if decorator not in entry.registrations
            ),
        )

    def _registrar(self, module: str, expression: e.Expr) -> tuple[str, str] | None:
        """Origin and name of the registrar an expression uses, called or not."""
        target = expression.function if isinstance(expression, e.Call) else expression
        if isinstance(target, e.Call):
            return self._registrar(module, target)
        qualified = self._resolver.qualified_name(module, target)
        origin, _, name = (qualified or "").rpartition(".")
        return (origin, name) if origin in _REGISTRAR_MODULES and name in REGISTRARS else None

    def _reference_decorator(
        self, module: ModuleSummary, definition: FunctionSummary, decorator: e.Expr
    ) -> None:
        target = decorator.function if isinstance(decorator, e.Call) else decorator
        qualified = self._resolver.qualified_name(module.module, target) or ""
        if qualified.startswith(_REFERENCES):
            name = qualified.rpartition(".")[2]
            self._misplace(module, "through_reference", definition.name, name, decorator)

    def _assignment(
        self, module: ModuleSummary, targets: Sequence[e.Expr], value: e.Expr | None
    ) -> None:
        registrar = self._registrar(module.module, value) if isinstance(value, e.Call) else None
        for target in targets:
            qualified = None
            if isinstance(target, e.Attribute):
                qualified = self._resolver.qualified_name(module.module, target)
            if qualified is not None and qualified.startswith(_REFERENCES):
                name = registrar[1] if registrar else ""
                self._misplace(module, "through_reference", qualified, name, target)
            elif registrar is not None and value is not None:
                self._misplace(
                    module, "assignment", module.source(target.span), registrar[1], value
                )

    def _misplace(
        self,
        module: ModuleSummary,
        fault: PlacementFault,
        name: str,
        registrar: str,
        expression: e.Expr,
    ) -> None:
        location = Location(module.module, expression.span)
        self.misplaced.append(
            Misplaced(fault=fault, name=name, registrar=registrar, location=location)
        )

    def _wire_name(
        self, module: ModuleSummary, definition: FunctionSummary, call: e.Call | None
    ) -> tuple[str, Location]:
        given = None if call is None else call.keyword("name")
        if given is not None:
            value = self._constant(module, given.value, f"name of `{definition.name}`")
            if isinstance(value, str):
                return value, Location(module.module, given.value.span)
        return definition.name, Location(module.module, definition.name_span)

    def _runtime(self, module: ModuleSummary, call: e.Call | None) -> Literal["server", "process"]:
        given = None if call is None else call.keyword("runtime")
        if given is None:
            return "server"
        value = self._constant(module, given.value, "runtime")
        if value == "process":
            return "process"
        if value not in ("server", None):
            self._evaluator.findings.note(
                module.module,
                given.value,
                "there is no such runtime",
                what="runtime",
                kind="invalid_call",
                accepted='write "server" or "process"',
            )
        return "server"

    def _constant(self, module: ModuleSummary, expression: e.Expr, what: str) -> object:
        found = self._evaluator.try_evaluate(expression, module.module, what)
        return None if found is None else found[0]

    def _args(
        self, module: ModuleSummary, definition: FunctionSummary, call: e.Call | None
    ) -> ObjectValidator | None:
        given = None if call is None else call.keyword("args")
        if given is None:
            return None
        what = f"args of `{definition.name}`"
        found = self._evaluator.try_evaluate(given.value, module.module, what, "args")
        if found is None:
            return None
        self._evaluator.what = what
        return as_args(self._evaluator, found[0], given.value, Scope(module=module.module))

    def _returns(
        self, module: ModuleSummary, definition: FunctionSummary, call: e.Call | None
    ) -> Validator | None:
        given = None if call is None else call.keyword("returns")
        if given is None:
            return None
        what = f"returns of `{definition.name}`"
        found = self._evaluator.try_evaluate(given.value, module.module, what, "returns")
        if found is None:
            return None
        self._evaluator.what = what
        scope = Scope(module=module.module)
        try:
            return require_validator(self._evaluator, found[0], given.value, scope)
        except FailedError:
            return None

    def _evaluated(
        self, module: ModuleSummary, call: e.Call | None, name: str, validator: Validator | None
    ) -> Evaluated | None:
        given = None if call is None else call.keyword(name)
        if given is None:
            return None
        return Evaluated(
            expression=given.value,
            location=Location(module.module, given.value.span),
            validator=validator,
            fields=field_sources(self._resolver, module.module, given.value, validator),
        )

    def _parameters(
        self, module: ModuleSummary, definition: FunctionSummary
    ) -> tuple[Parameter | None, list[LinkedParameter]]:
        parameters = list(definition.parameters)
        context = None
        if parameters and parameters[0].kind in ("positional", "positional_only"):
            context = parameters.pop(0)
        linked = [
            entry for parameter in parameters for entry in self._linked_from(module, parameter)
        ]
        return context, linked

    def _linked_from(
        self, module: ModuleSummary, parameter: Parameter
    ) -> Iterator[LinkedParameter]:
        """One parameter, or for ``**fields: Unpack[TD]`` one for each field."""
        annotation = self._annotated(module, parameter.annotation)
        unpacked = parameter.kind == "var_keyword" and self._is_unpack(module, parameter)
        if unpacked and isinstance(annotation.type, t.TypedDictType):
            for field in annotation.type.fields:
                yield LinkedParameter(
                    parameter=parameter,
                    wire_name=field.name,
                    annotation=AnnotatedType(field.type, annotation.text, annotation.span),
                    is_required=field.required,
                    is_unpacked=True,
                )
        else:
            yield LinkedParameter(
                parameter=parameter,
                wire_name=wire_name(parameter.name),
                annotation=annotation,
                is_required=parameter.default is None,
                is_unpacked=False,
            )

    def _is_unpack(self, module: ModuleSummary, parameter: Parameter) -> bool:
        if parameter.annotation is None:
            return False
        annotation = self._annotations.expand(parameter.annotation)
        return (
            isinstance(annotation, e.Subscript)
            and self._annotations.origin(module.module, annotation.value) == _UNPACK
        )

    def _annotated(self, module: ModuleSummary, expression: e.Expr | None) -> AnnotatedType:
        if expression is None:
            return AnnotatedType(t.Unknown("", "has no annotation"), "", None)
        text = module.source(expression.span)
        model = self._types.get((module.module, text))
        if model is None:
            model = self._annotations.evaluate(module.module, expression)
            self._types[module.module, text] = model
        return AnnotatedType(model, text, expression.span)


def is_route(decorator: e.Expr) -> bool:
    """Whether a decorator is ``<router>.route(...)``."""
    return (
        isinstance(decorator, e.Call)
        and isinstance(decorator.function, e.Attribute)
        and decorator.function.name == _ROUTE_METHOD
    )
