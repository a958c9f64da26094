"""What helper functions need of the contexts they are given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from convexity_compiler.link.model import Location
from convexity_compiler.memo import Memo
from convexity_compiler.rules.usage.capabilities import ATTRIBUTES, WRITES
from convexity_compiler.rules.usage.mentions import mentions
from convexity_compiler.rules.usage.passing import receiver
from convexity_compiler.rules.usage.reach import function_use
from convexity_compiler.rules.usage.values import CONTEXT_KINDS
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.link.resolve import Resolver
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.rules.usage.mentions import ProjectCall
    from convexity_compiler.rules.usage.values import ContextKind
    from convexity_compiler.summary.model import Parameter

Kinds = frozenset["ContextKind"]

EVERY: Final[Kinds] = frozenset(ATTRIBUTES)
_ACCEPTED: Final[dict[str, Kinds]] = {
    "QueryCtx": frozenset({"query", "mutation"}),
    "MutationCtx": frozenset({"mutation"}),
    "ActionCtx": frozenset({"action"}),
    "DatabaseReader": frozenset({"query", "mutation"}),
    "DatabaseWriter": frozenset({"mutation"}),
}
"""Kinds of functions whose context, or database, fits an annotation."""
_OF_PARTS: Final[dict[tuple[str, str], Kinds]] = {
    **{("db", write): frozenset({"mutation"}) for write in WRITES},
    ("storage", "store"): frozenset({"action"}),
    ("storage", "get"): frozenset({"action"}),
    ("storage", "generate_upload_url"): frozenset({"mutation", "action"}),
    ("storage", "delete"): frozenset({"mutation", "action"}),
}
"""Methods that only some kinds of contexts have (language.md section 4)."""
_ASKING: Final = frozenset({"isinstance", "hasattr", "getattr", "cast", "callable", "type"})
_DEEPEST: Final = 8
"""How many helpers one behind the other are followed."""


class Need(NamedTuple):
    """A place that needs a context of certain kinds."""

    kinds: Kinds
    what: str
    """What is needed, for a label: ``writes with `insert```."""
    location: Location
    through: tuple[Location, ...] = ()
    """The calls that lead there, in order."""


_KNOWN: Final[Memo[Resolver, dict[tuple[str, str, str], tuple[Need, ...]]]] = Memo()


def needs_of_call(project: LinkedProject, call: ProjectCall, argument: e.Expr) -> tuple[Need, ...]:
    """Return what the function that is called needs of a context it gets as an argument."""
    use = function_use(project, call.module, call.name)
    if use is None or call.call is None or use.function.decorators:
        return ()
    parameter = receiver(use, call.call, argument)
    return () if parameter is None else needs(project, use, parameter)


def needs(project: LinkedProject, use: FunctionUse, parameter: Parameter) -> tuple[Need, ...]:
    """Return what a function needs of the context it gets in a parameter."""
    return _needs(project, use, parameter, 0)


def accepted(use: FunctionUse, parameter: Parameter) -> Kinds | None:
    """Return the kinds of contexts that the annotation accepts; None when it names none."""
    if parameter.annotation is None:
        return None
    names = use.scope.platform_types(parameter.annotation) & set(_ACCEPTED)
    return frozenset().union(*(_ACCEPTED[name] for name in names)) if names else None


def _needs(
    project: LinkedProject, use: FunctionUse, parameter: Parameter, depth: int
) -> tuple[Need, ...]:
    known = _KNOWN.setdefault(project.resolver, {})
    key = (use.module, use.function.qualified_name, parameter.name)
    if key not in known:
        known[key] = ()  # while it is worked out: functions that call each other
        known[key] = tuple(_found(project, use, parameter, depth))
    return known[key]


def _found(
    project: LinkedProject, use: FunctionUse, parameter: Parameter, depth: int
) -> Iterator[Need]:
    kinds = accepted(use, parameter)
    if kinds is not None and parameter.annotation is not None:
        location = Location(use.module, parameter.annotation.span)
        yield Need(kinds, f"takes `{project.text_of(location)}`", location)
        return
    if _is_asked(use, parameter):
        return
    for place in use.places:
        node = place.node
        if isinstance(node, e.Attribute):
            allowed = _allowed(use, parameter, node)
            if allowed is not None:
                yield Need(allowed, f"uses `{node.name}`", Location(use.module, node.span))
    if depth < _DEEPEST:
        for call in mentions(project, use).calls:
            yield from _passed_on(project, use, parameter, call, depth)


def _passed_on(
    project: LinkedProject, use: FunctionUse, parameter: Parameter, call: ProjectCall, depth: int
) -> Iterator[Need]:
    if call.call is None or project.handler(call.module, call.name) is not None:
        return
    inner = function_use(project, call.module, call.name)
    if inner is None or inner.function.decorators:
        return
    for argument in (*call.call.arguments, *(entry.value for entry in call.call.keywords)):
        if use.scope.parameter(argument) != parameter.name:
            continue
        taken = receiver(inner, call.call, argument)
        if taken is not None:
            here = Location(use.module, call.node.span)
            for need in _needs(project, inner, taken, depth + 1):
                yield need._replace(through=(here, *need.through))


def _allowed(use: FunctionUse, parameter: Parameter, node: e.Attribute) -> Kinds | None:
    """Return the kinds of contexts that have what an attribute reads; None when all have it."""
    owner = use.scope.constant(node.value)
    if use.scope.parameter(owner) == parameter.name:
        kinds = frozenset(kind for kind, names in ATTRIBUTES.items() if node.name in names)
        return kinds if kinds and kinds != EVERY else None
    if isinstance(owner, e.Attribute) and use.scope.parameter(owner.value) == parameter.name:
        return _OF_PARTS.get((owner.name, node.name))
    return None


def _is_asked(use: FunctionUse, parameter: Parameter) -> bool:
    """Whether a function asks what it got before it uses it."""
    return any(
        isinstance(place.node, e.Call)
        and isinstance(place.node.function, e.Name)
        and place.node.function.id in _ASKING
        and any(use.scope.parameter(entry) == parameter.name for entry in place.node.arguments)
        for place in use.places
    )


def narrowest(kinds: Kinds) -> str | None:
    """Return the name of the one context that fits all kinds; None when there is none."""
    for name in CONTEXT_KINDS:
        if _ACCEPTED[name] == kinds:
            return name
    return None
