"""Functions of the project that a function calls, and what it gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from convexity_compiler.rules.usage.mentions import mentions
from convexity_compiler.rules.usage.reach import function_use
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.summary.model import Parameter

_DEEPEST: Final = 8
"""Through how many functions a value is followed."""


class Called(NamedTuple):
    """A function of the project that another one calls, itself or through others."""

    use: FunctionUse
    first: e.Call
    """The call in the function that it began with."""


class Carrier(NamedTuple):
    """A function that has the value of some parameters of another one, or that function itself."""

    use: FunctionUse
    names: dict[str, str]
    """The parameters that hold the values, each with that of the first function."""
    given: dict[str, e.Expr]
    """Where the first function passes each on; empty for the first function itself."""


def called_functions(project: LinkedProject, use: FunctionUse) -> Iterator[Called]:
    """Yield the functions that a function calls, nearest first; registered ones are none."""
    seen = {id(use)}
    waiting: list[Called | None] = [None]
    for entry in waiting:
        for call in mentions(project, use if entry is None else entry.use).calls:
            inner = function_use(project, call.module, call.name)
            if call.call is None or inner is None or inner.registered or id(inner) in seen:
                continue
            seen.add(id(inner))
            found = Called(inner, call.call if entry is None else entry.first)
            waiting.append(found)
            yield found


def carriers(project: LinkedProject, use: FunctionUse, names: set[str]) -> Iterator[Carrier]:
    """Yield a function and those to which it passes some of its parameters on as they are."""
    seen: set[tuple[int, frozenset[str]]] = set()
    waiting = [(Carrier(use, {name: name for name in names}, {}), 0)]
    for carrier, depth in waiting:
        yield carrier
        if depth == _DEEPEST:
            continue
        for call in mentions(project, carrier.use).calls:
            inner = function_use(project, call.module, call.name)
            if call.call is None or inner is None or inner.registered:
                continue
            following = _following(carrier, inner, call.call)
            key = (id(inner), frozenset(following.names))
            if following.names and key not in seen:
                seen.add(key)
                waiting.append((following, depth + 1))


def _following(carrier: Carrier, inner: FunctionUse, call: e.Call) -> Carrier:
    scope = carrier.use.scope
    names: dict[str, str] = {}
    given: dict[str, e.Expr] = {}
    for argument in (*call.arguments, *(entry.value for entry in call.keywords)):
        first = carrier.names.get(scope.parameter(scope.constant(argument)) or "")
        parameter = receiver(inner, call, argument) if first is not None else None
        if first is not None and parameter is not None:
            names[parameter.name] = first
            given[first] = carrier.given.get(first, argument)
    return Carrier(inner, names, given)


def receiver(use: FunctionUse, call: e.Call, argument: e.Expr) -> Parameter | None:
    """Return the parameter of a function that an argument of a call becomes."""
    parameters = use.function.parameters
    for keyword in call.keywords:
        if keyword.value is argument:
            return next((entry for entry in parameters if entry.name == keyword.name), None)
    for index, given in enumerate(call.arguments):
        if isinstance(given, e.Starred):
            return None
        if given is argument:
            positional = [
                entry for entry in parameters if entry.kind in ("positional", "positional_only")
            ]
            return positional[index] if index < len(positional) else None
    return None
