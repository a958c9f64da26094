"""``convex_config.py`` and ``auth_config.py``."""

from __future__ import annotations

import itertools
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
from convexity_compiler.link.wire_names import name_problem
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from convexity_compiler.link.component_definitions import Definitions
    from convexity_compiler.link.evaluate import Evaluator
    from convexity_compiler.link.model import FieldSource
    from convexity_compiler.link.special_files import Built
    from convexity_compiler.summary.model import ModuleSummary

_MODULE: Final = CONFIG.module
_WHAT: Final = "environment of the app"
_USE: Final = "component"
_ACCEPTED_USE: Final = (
    "import the component from its convex_config.py and pass it: "
    "`from .counter.convex_config import component as counter`, `app.use(counter)`"
)


def link_app(
    evaluator: Evaluator, module: ModuleSummary, app: Built, definitions: Definitions
) -> LinkedApp:
    """Return the app with its variables and components; ``module`` is ``convex_config.py``."""
    taken: set[str] = set()
    found = [
        _component(evaluator, call, definitions, taken)
        for call in declaring_calls(evaluator, module, _receiver(app))
    ]
    components = tuple(component for component in found if component is not None)
    return LinkedApp(
        name=own_name(app),
        is_component=app.constructor == "define_component",
        location=Location(_MODULE, app.call.span),
        environment=_environment(evaluator, app.call),
        components=components,
        is_complete=len(components) == len(found),
    )


def own_name(app: Built) -> str | None:
    """The name that a component gives itself, where it is a literal."""
    name = app.call.arguments[0] if app.call.arguments else None
    return name.value if isinstance(name, e.Constant) and isinstance(name.value, str) else None


def note_stray_components(evaluator: Evaluator, module: ModuleSummary, app: Built) -> None:
    """Note components that another module than ``convex_config.py`` mounts."""
    declaring_calls(evaluator, module, _receiver(app))


def link_auth(auth: Built) -> LinkedAuth:
    """Return the declaration of ``auth_config.py``."""
    return LinkedAuth(
        location=Location(AUTH.module, auth.call.span),
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
    whole = Location(_MODULE, given.value.span)
    names = dict.fromkeys([*fields, *places])
    return {
        name: LinkedVariable(
            name=name, location=places.get(name, whole), validator=fields.get(name)
        )
        for name in names
    }


def _receiver(app: Built) -> Receiver:
    return Receiver(_MODULE, app.name, ("use",), _USE)


def _component(
    evaluator: Evaluator, call: e.Call, definitions: Definitions, taken: set[str]
) -> LinkedComponent | None:
    """Return one mount, whose name is none of those ``taken`` and is then; None with a note."""
    if len(call.arguments) != 1 or any(entry.name is None for entry in call.keywords):
        evaluator.findings.note(
            _MODULE,
            call,
            "`use` takes one component, and keywords that are written out",
            what=_USE,
            kind="invalid_call",
            accepted=_ACCEPTED_USE,
        )
        return None
    source = _source(evaluator, call.arguments[0], definitions)
    if source is None:
        return None
    name = _text(evaluator, call, "name") or definitions.name(source)
    problem = "is the name of two components" if name in taken else name_problem(name)
    if problem is not None:
        given = call.keyword("name")
        evaluator.findings.note(
            _MODULE,
            call if given is None else given.value,
            f"{name!r} {problem}",
            what="name of a component",
            kind="invalid_name",
            accepted=f'give it another one: `name="{_free_name(definitions.name(source), taken)}"`',
        )
        return None
    taken.add(name)
    prefix = call.keyword("http_prefix")
    prefix_place = call if prefix is None else prefix.value
    return LinkedComponent(
        name=name,
        source=source,
        location=Location(_MODULE, call.span),
        variables=_given_variables(evaluator, call),
        http_prefix=_text(evaluator, call, "http_prefix"),
        http_prefix_location=Location(_MODULE, prefix_place.span),
    )


def _given_variables(evaluator: Evaluator, call: e.Call) -> Mapping[str, FieldSource] | None:
    """What ``env={...}`` gives, where all names are written out."""
    given = call.keyword("env")
    if given is None:
        return {}
    if not isinstance(given.value, e.Dict):
        return None
    keys = [item.key for item in given.value.items]
    if not all(isinstance(key, e.Constant) and isinstance(key.value, str) for key in keys):
        return None
    sources = field_sources(evaluator.resolver, _MODULE, given.value, None)
    return {source.name: source for source in sources}


def _source(evaluator: Evaluator, expression: e.Expr, definitions: Definitions) -> str | None:
    symbol = evaluator.resolver.symbol(_MODULE, expression)
    if isinstance(symbol, External):
        return definitions.absolute(symbol.name)
    if isinstance(symbol, Defined):
        reason = "is defined in the application: a component has a folder of its own"
    else:
        reason = "is not a component that is known before run time"
    evaluator.findings.note(
        _MODULE,
        expression,
        reason,
        what=_USE,
        accepted=_ACCEPTED_USE,
    )
    return None


def _free_name(own: str, taken: set[str]) -> str:
    """The component's own name where that can be had, else one with a number."""
    base = own if name_problem(own) is None else "component"
    numbered = (f"{base}_{number}" for number in itertools.count(2))
    return next(name for name in itertools.chain((base,), numbered) if name not in taken)


def _text(evaluator: Evaluator, call: e.Call, parameter: str) -> str | None:
    """The string that a parameter of ``use`` has; None for Python's None too."""
    given = call.keyword(parameter)
    if given is None or (isinstance(given.value, e.Constant) and given.value.value is None):
        return None
    found = evaluator.try_evaluate(given.value, _MODULE, f"{parameter} of a component")
    return found[0] if found is not None and isinstance(found[0], str) else None
