"""Jobs of ``crons.py``."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from convexity_compiler.link.declarations import Receiver, declaring_calls
from convexity_compiler.link.model import LinkedCron, Location
from convexity_compiler.link.wire_names import wire_name
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from convexity_compiler.link.evaluate import Evaluator
    from convexity_compiler.link.model import LinkedFunction
    from convexity_compiler.link.special_files import Built
    from convexity_compiler.summary.model import ModuleSummary

    Functions: TypeAlias = Callable[[str], LinkedFunction | None]

_MODULE: Final = "crons"
_SCHEDULED: Final = frozenset({"interval", "cron"})
METHODS: Final = frozenset({*_SCHEDULED, "hourly", "daily", "weekly", "monthly"})
"""Methods that add a job; all but the scheduled two are disallowed (guidelines, crons)."""
_ARGUMENT: Final = "argument of a cron job"
_ROLES: Final = ("name", "schedule", "reference")
_ACCEPTED: Final = {
    "name": "write a string",
    "interval": "write `timedelta(minutes=5)`",
    "cron": 'write a cron expression, such as `"0 4 * * *"`',
}
_TYPE_NAMES: Final[dict[type, str]] = {str: "string", timedelta: "timedelta"}
T = TypeVar("T")


def link_crons(
    evaluator: Evaluator, module: ModuleSummary, crons: Built, functions: Functions
) -> tuple[LinkedCron, ...]:
    """Return the jobs that a module declares, in order of their places.

    Only those of crons.py count; those of other modules are noted. ``functions`` looks up a
    function of the project by its path.
    """
    receiver = Receiver(_MODULE, crons.name, METHODS, "cron job")
    return tuple(
        _job(evaluator, module, call, call.function.name, functions)
        for call in declaring_calls(evaluator, module, receiver)
        if isinstance(call.function, e.Attribute)
    )


def _job(
    evaluator: Evaluator,
    module: ModuleSummary,
    call: e.Call,
    method: str,
    functions: Functions,
) -> LinkedCron:
    in_dict = _arguments_in_dict(call, method)
    if in_dict is None:
        _note_arguments(evaluator, call, method)
    else:
        _note_dict(evaluator, module, in_dict)
    given = _positional(call, method)
    name = _value(evaluator, given.get("name"), "name", str)
    interval = None
    expression = None
    if method == "interval":
        interval = _value(evaluator, given.get("schedule"), "interval", timedelta)
    elif method == "cron":
        expression = _value(evaluator, given.get("schedule"), "cron", str)
    target = given.get("reference")
    reference = None if target is None else evaluator.resolver.reference(_MODULE, target)
    args: dict[str, object] | None = {} if in_dict is None else None
    places: dict[str, Location] = {}
    for keyword in call.keywords:
        if keyword.name is None or keyword.name in _OPTION_NAMES.get(method, ()):
            args = args if keyword.name is not None else None
            continue
        argument = wire_name(keyword.name)
        places[argument] = Location(_MODULE, keyword.span)
        found = evaluator.try_evaluate(keyword.value, _MODULE, _ARGUMENT)
        if found is not None and not _is_value(found[0]):
            found = None
            evaluator.findings.note(
                _MODULE,
                keyword.value,
                "is no Convex value",
                what=_ARGUMENT,
                kind="invalid_call",
                accepted="pass None, booleans, numbers, strings, bytes, lists and dicts",
            )
        if found is None or args is None:
            args = None
        else:
            args[argument] = found[0]
    is_own = reference is not None and reference.root != "components"
    path = reference.wire_path if reference is not None and is_own else None
    return LinkedCron(
        method=method,
        name=name,
        interval=interval,
        expression=expression,
        reference=reference,
        function=None if path is None else functions(path),
        args=args,
        arg_locations=places,
        call=call,
        location=Location(_MODULE, call.span),
        name_location=_place(given.get("name")),
        schedule_location=_place(given.get("schedule")),
        reference_location=_place(target),
    )


_OPTION_NAMES: Final[dict[str, frozenset[str]]] = {
    "hourly": frozenset({"minute_utc"}),
    "daily": frozenset({"hour_utc", "minute_utc"}),
    "weekly": frozenset({"day_of_week", "hour_utc", "minute_utc"}),
    "monthly": frozenset({"day", "hour_utc", "minute_utc"}),
}
"""Keywords of the disallowed helpers that say when, beside the arguments of the function."""


def _positional(call: e.Call, method: str) -> dict[str, e.Expr]:
    """The positional arguments by role; the disallowed helpers take no schedule there."""
    if any(isinstance(argument, e.Starred) for argument in call.arguments):
        return {}
    roles: tuple[str, ...] = _ROLES
    if method not in _SCHEDULED and len(call.arguments) <= 2:
        roles = ("name", "reference")
    return dict(zip(roles, call.arguments, strict=False))


def _note_arguments(evaluator: Evaluator, call: e.Call, method: str) -> None:
    """Note arguments that are unpacked, and positional ones that are missing or too many."""
    unpacked = [
        node
        for node in (*call.arguments, *call.keywords)
        if isinstance(node, e.Starred) or (isinstance(node, e.Keyword) and node.name is None)
    ]
    for node in unpacked:
        evaluator.findings.note(
            _MODULE,
            node,
            "is not written out",
            what=_ARGUMENT,
            accepted="write every argument as a keyword of its own",
        )
    if method in _SCHEDULED and not unpacked and len(call.arguments) != len(_ROLES):
        evaluator.findings.note(
            _MODULE,
            call,
            f"`{method}` takes a name, a schedule and a reference, the rest as keywords",
            what="cron job",
            kind="invalid_call",
            accepted=f'write `crons.{method}("name", ..., internal.tasks.tidy, argument=1)`',
        )


def _arguments_in_dict(call: e.Call, method: str) -> e.Dict | None:
    """Return the dict that stands where keywords are meant, as in the TypeScript client."""
    if method not in _SCHEDULED or len(call.arguments) != len(_ROLES) + 1:
        return None
    last = call.arguments[-1]
    return last if isinstance(last, e.Dict) else None


def _note_dict(evaluator: Evaluator, module: ModuleSummary, arguments: e.Dict) -> None:
    keywords = [
        f"{item.key.value}={module.source(item.value.span)}"
        for item in arguments.items
        if isinstance(item.key, e.Constant) and isinstance(item.key.value, str)
    ]
    evaluator.findings.note(
        _MODULE,
        arguments,
        "a job takes the arguments of its function as keywords",
        what=_ARGUMENT,
        kind="invalid_call",
        accepted=f"write `{', '.join(keywords)}`" if keywords else "remove it",
    )


def _value(evaluator: Evaluator, node: e.Expr | None, role: str, expected: type[T]) -> T | None:
    """Evaluate the name or schedule of a job, None after noting what is wrong with it."""
    if node is None:
        return None
    what = f"{role} of a cron job"
    found = evaluator.try_evaluate(node, _MODULE, what)
    if found is None:
        return None
    value = found[0]
    if isinstance(value, expected):
        return value
    evaluator.findings.note(
        _MODULE,
        node,
        f"the {role} of a cron job must be a {_TYPE_NAMES[expected]}",
        what=what,
        kind="invalid_call",
        accepted=_ACCEPTED[role],
    )
    return None


def _is_value(value: object) -> bool:
    """Whether a constant can be passed to a function."""
    if isinstance(value, list):
        return all(map(_is_value, value))
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_value(entry) for key, entry in value.items())
    return value is None or isinstance(value, bool | int | float | str | bytes)


def _place(node: e.Expr | None) -> Location | None:
    return None if node is None else Location(_MODULE, node.span)
