"""The special files of a project: what each must export, and where such values are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.link.model import Construction, Location, SpecialExport
from convexity_compiler.records import value
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from convexity_compiler.link.resolve import Resolver
    from convexity_compiler.summary.model import ModuleSummary


@value
class SpecialFile:
    """A module with a meaning of its own."""

    module: str
    exports: Mapping[str, str]
    """Accepted constructors by the name they must be exported under."""


SCHEMA: Final = SpecialFile("schema", {"schema": "define_schema"})
HTTP: Final = SpecialFile("http", {"http": "http_router"})
CRONS: Final = SpecialFile("crons", {"crons": "cron_jobs"})
CONFIG: Final = SpecialFile("convex_config", {"app": "define_app", "component": "define_component"})
AUTH: Final = SpecialFile("auth_config", {"auth": "define_auth"})
SPECIAL_FILES: Final = (SCHEMA, HTTP, CRONS, CONFIG, AUTH)

_CONSTRUCTORS: Final = frozenset(
    constructor for file in SPECIAL_FILES for constructor in file.exports.values()
)


@value
class Built:
    """An exported value of a special file."""

    name: str
    """Name it is exported under."""
    constructor: str
    call: e.Call


def constructions(resolver: Resolver, module: ModuleSummary) -> Iterator[Construction]:
    """Yield the calls of the constructors at module level, by place."""
    for assignment in module.assignments:
        call = assignment.statement.value
        name = _constructor(resolver, module.module, call)
        if name is not None and isinstance(call, e.Call):
            target = assignment.statement.targets[0]
            yield Construction(
                constructor=name[1],
                origin=name[0],
                target=target.id if isinstance(target, e.Name) else None,
                location=Location(module.module, call.span),
            )
    for binding in module.statements:
        call = getattr(binding.statement, "value", None)
        name = _constructor(resolver, module.module, call)
        if name is not None and isinstance(call, e.Call):
            yield Construction(
                constructor=name[1],
                origin=name[0],
                target=None,
                location=Location(module.module, call.span),
            )


def built(
    resolver: Resolver, modules: Mapping[str, ModuleSummary], file: SpecialFile
) -> Built | None:
    """Return the value a special file exports as it should, None when it does not."""
    module = modules.get(file.module)
    if module is None:
        return None
    found: Built | None = None
    for assignment in module.assignments:
        call = assignment.statement.value
        constructor = _constructor(resolver, file.module, call)
        for target in assignment.statement.targets:
            if (
                isinstance(target, e.Name)
                and isinstance(call, e.Call)
                and constructor is not None
                and file.exports.get(target.id) == constructor[1]
            ):
                found = Built(target.id, constructor[1], call)
    return found


def special_export(
    resolver: Resolver, modules: Mapping[str, ModuleSummary], path: str
) -> SpecialExport | None:
    """Return what a special file that could be parsed exports; None for all other modules."""
    file = next((entry for entry in SPECIAL_FILES if entry.module == path), None)
    if file is None or modules[path].problem is not None:
        return None
    exported = built(resolver, modules, file)
    name, constructor = next(iter(file.exports.items()))
    candidate = next(
        (
            entry
            for entry in constructions(resolver, modules[path])
            if entry.constructor in file.exports.values()
        ),
        None,
    )
    return SpecialExport(
        module=file.module,
        name=name if exported is None else exported.name,
        constructor=constructor if exported is None else exported.constructor,
        found=exported is not None,
        candidate=None if candidate is None else candidate.location,
        candidate_name=None if candidate is None else candidate.target,
    )


def _constructor(resolver: Resolver, module: str, call: object) -> tuple[str, str] | None:
    """Origin and name of the constructor that an expression calls."""
    if not isinstance(call, e.Call):
        return None
    qualified = resolver.qualified_name(module, call.function)
    origin, _, name = (qualified or "").rpartition(".")
    return (origin, name) if name in _CONSTRUCTORS and origin.startswith("convexity.") else None
