"""``convex_config.py`` and ``auth_config.py``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from convexity.values import Validator

from convexity_compiler.link.calls import require_fields
from convexity_compiler.link.declarations import Receiver, declaring_calls
from convexity_compiler.link.field_sources import field_sources
from convexity_compiler.link.findings import FailedError
from convexity_compiler.link.model import (
    LinkedApp,
    LinkedAuth,
    LinkedComponent,
    LinkedVariable,
    Location,
)
from convexity_compiler.link.special_files import AUTH, CONFIG
from convexity_compiler.link.symbols import Defined, External
from convexity_compiler.link.values import Scope
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from convexity_compiler.link.evaluate import Evaluator
    from convexity_compiler.link.special_files import Built
    from convexity_compiler.summary.model import ModuleSummary

_MODULE: Final = CONFIG.module
_WHAT: Final = "environment of the app"
_USE: Final = "component"
_ACCEPTED_USE: Final = "import the component and pass its name: `app.use(workpool)`"


def link_app(evaluator: Evaluator, module: ModuleSummary, app: Built) -> LinkedApp:
    """Return the app with its variables and components; ``module`` is ``convex_config.py``."""
    return LinkedApp(
        location=Location(module=_MODULE, span=app.call.span),
        environment=_environment(evaluator, app.call),
        components=_components(evaluator, module, app),
    )


def note_stray_components(evaluator: Evaluator, module: ModuleSummary, app: Built) -> None:
    """Note components that another module than ``convex_config.py`` mounts."""
    declaring_calls(evaluator, module, _receiver(app))


def link_auth(auth: Built) -> LinkedAuth:
    """Return the declaration of ``auth_config.py``."""
    return LinkedAuth(
        location=Location(module=AUTH.module, span=auth.call.span),
        providers=len(auth.call.arguments),
    )


def _environment(evaluator: Evaluator, call: e.Call) -> dict[str, LinkedVariable]:
    given = call.keyword("env")
    if given is None:
        return {}
    found = evaluator.try_evaluate(given.value, _MODULE, _WHAT, "env")
    fields: Mapping[str, Validator | None] = {}
    if found is not None and isinstance(found[0], Mapping):
        try:
            scope = Scope(module=_MODULE)
            fields = require_fields(evaluator, found[0], given.value, scope)
        except FailedError:
            fields = {}
    elif found is not None:
        evaluator.findings.note(
            _MODULE,
            given.value,
            "is not a dict of validators",
            what=_WHAT,
            kind="not_a_validator",
            accepted="write a dict of names and validators",
        )
    sources = field_sources(evaluator.resolver, _MODULE, given.value, None)
    places = {source.name: source.key for source in sources}
    whole = Location(module=_MODULE, span=given.value.span)
    names = dict.fromkeys([*fields, *places])
    return {
        name: LinkedVariable(
            name=name, location=places.get(name, whole), validator=fields.get(name)
        )
        for name in names
    }


def _receiver(app: Built) -> Receiver:
    return Receiver(_MODULE, app.name, ("use",), _USE)


def _components(
    evaluator: Evaluator, module: ModuleSummary, app: Built
) -> tuple[LinkedComponent, ...]:
    components = []
    for call in declaring_calls(evaluator, module, _receiver(app)):
        if len(call.arguments) != 1 or any(entry.name is None for entry in call.keywords):
            evaluator.findings.note(
                _MODULE,
                call,
                "`use` takes one component, and keywords that are written out",
                what=_USE,
                kind="invalid_call",
                accepted=_ACCEPTED_USE,
            )
            continue
        definition = call.arguments[0]
        source = _source(evaluator, definition)
        if source is not None:
            components.append(
                LinkedComponent(
                    name=_mount_name(evaluator, call) or _own_name(evaluator, definition),
                    source=source,
                    location=Location(module=_MODULE, span=call.span),
                )
            )
    return tuple(components)


def _source(evaluator: Evaluator, expression: e.Expr) -> str | None:
    symbol = evaluator.resolver.symbol(_MODULE, expression)
    if isinstance(symbol, External):
        return symbol.name
    if isinstance(symbol, Defined):
        return ".".join((*symbol.module.split("/"), symbol.name, *symbol.attributes))
    evaluator.findings.note(
        _MODULE,
        expression,
        "is not a component that is known before run time",
        what=_USE,
        accepted=_ACCEPTED_USE,
    )
    return None


def _mount_name(evaluator: Evaluator, call: e.Call) -> str | None:
    given = call.keyword("name")
    if given is not None:
        found = evaluator.try_evaluate(given.value, _MODULE, "name of a component")
        if found is not None and isinstance(found[0], str):
            return found[0]
    return None


def _own_name(evaluator: Evaluator, expression: e.Expr) -> str:
    """Name in ``define_component(name)``; the name it is exported under, outside the project."""
    symbol = evaluator.resolver.symbol(_MODULE, expression)
    if isinstance(symbol, Defined):
        for bound in evaluator.resolver.bound(symbol.module, symbol.name):
            call = getattr(bound.definition, "value", None)
            if isinstance(call, e.Call) and call.arguments:
                name = call.arguments[0]
                if isinstance(name, e.Constant) and isinstance(name.value, str):
                    return name.value
        return symbol.name
    return symbol.name.rpartition(".")[2] if isinstance(symbol, External) else ""
