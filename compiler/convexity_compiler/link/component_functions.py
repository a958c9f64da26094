"""Functions that components register: workflows, and what agents make of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from convexity_compiler.link.instances import made_by
from convexity_compiler.link.model import Location
from convexity_compiler.link.symbols import Defined
from convexity_compiler.records import record
from convexity_compiler.summary import expressions as e
from convexity_compiler.summary.model import FunctionSummary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from convexity_compiler.link.resolve import Resolver
    from convexity_compiler.summary.model import ModuleSummary

ComponentFunctionKind: TypeAlias = Literal["workflow", "mutation", "action"]

WORKFLOW_MANAGER: Final = "convexity.components.workflow.WorkflowManager"
AGENT: Final = "convexity.components.agent.Agent"
_DEFINE: Final = "define"
_DEFINE_WORKFLOW: Final = "convexity.components.workflow.define_workflow"
_AGENT_METHODS: Final[dict[str, ComponentFunctionKind]] = {
    "create_thread_mutation": "mutation",
    "as_save_messages_mutation": "mutation",
    "as_text_action": "action",
    "as_object_action": "action",
}
"""Methods of an agent that return a registered function (agent-workflow.md C3)."""


@record
class ComponentFunction:
    """A function that a component registers: ``@workflow.define(...)``, ``agent.as_text_action()``.

    All of them are internal.
    """

    path: str
    """Wire path: ``orders:fulfil``."""
    kind: ComponentFunctionKind
    call: e.Call
    """The call that registers it."""
    definition: FunctionSummary | None
    """The handler; None where the component supplies it, or where it is not a plain name."""
    module: str
    """Wire path of the module of ``definition``; without one, that of ``location``."""
    location: Location
    """Place of the name."""


def component_functions(
    resolver: Resolver, modules: Mapping[str, ModuleSummary], path: str
) -> tuple[ComponentFunction, ...]:
    """Return those of the module at ``path``."""
    module = modules[path]
    return (*_decorated(resolver, module), *_assigned(resolver, modules, module))


def _decorated(resolver: Resolver, module: ModuleSummary) -> Iterator[ComponentFunction]:
    for function in module.functions:
        if function.placement != "module":
            continue
        for decorator in function.decorators:
            if isinstance(decorator, e.Call) and _kind(resolver, module, decorator) == "workflow":
                yield ComponentFunction(
                    path=f"{module.module}:{function.name}",
                    kind="workflow",
                    call=decorator,
                    definition=function,
                    module=module.module,
                    location=Location(module.module, function.name_span),
                )


def _assigned(
    resolver: Resolver, modules: Mapping[str, ModuleSummary], module: ModuleSummary
) -> Iterator[ComponentFunction]:
    for assignment in module.assignments:
        call = assignment.statement.value
        if assignment.placement != "module" or not isinstance(call, e.Call):
            continue
        kind = _kind(resolver, module, call)
        for target in assignment.statement.targets:
            if kind is not None and isinstance(target, e.Name):
                handler = _handler(resolver, modules, module, call)
                yield ComponentFunction(
                    path=f"{module.module}:{target.id}",
                    kind=kind,
                    call=call,
                    definition=None if handler is None else handler[1],
                    module=module.module if handler is None else handler[0],
                    location=Location(module.module, target.span),
                )


def _kind(resolver: Resolver, module: ModuleSummary, call: e.Call) -> ComponentFunctionKind | None:
    if resolver.qualified_name(module.module, call.function) == _DEFINE_WORKFLOW:
        return "workflow"
    if not isinstance(call.function, e.Attribute):
        return None
    owner = made_by(resolver, resolver.symbol(module.module, call.function.value))
    if owner == WORKFLOW_MANAGER and call.function.name == _DEFINE:
        return "workflow"
    return _AGENT_METHODS.get(call.function.name) if owner == AGENT else None


def _handler(
    resolver: Resolver,
    modules: Mapping[str, ModuleSummary],
    module: ModuleSummary,
    call: e.Call,
) -> tuple[str, FunctionSummary] | None:
    given = call.keyword("handler")
    symbol = None if given is None else resolver.symbol(module.module, given.value)
    if not isinstance(symbol, Defined) or symbol.attributes:
        return None
    return next(
        (
            (symbol.module, entry)
            for entry in modules[symbol.module].functions
            if entry.qualified_name == symbol.name
        ),
        None,
    )
