"""Imports of generated code, and what the generated modules offer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from convexity_compiler.discover import GENERATED_FOLDER
from convexity_compiler.link.model import Location
from convexity_compiler.link.symbols import External
from convexity_compiler.memo import Memo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.link.model import LinkedProject

DATA_MODEL: Final = "data_model"
NAMES: Final[dict[str, frozenset[str]]] = {
    "api": frozenset({"api", "components", "internal"}),
    "server": frozenset(
        {"ActionCtx", "DatabaseReader", "DatabaseWriter", "MutationCtx", "QueryCtx", "env"}
        | {"query", "mutation", "action", "http_action"}
        | {"internal_query", "internal_mutation", "internal_action"}
    ),
}
"""What the modules that do not depend on the project offer."""


class GeneratedImport(NamedTuple):
    """A name, or a whole module, imported from the generated package."""

    module: str
    """Module below the package: ``data_model``, ``_api.messages``; empty for the package."""
    name: str | None
    """None where the module itself is imported."""
    location: Location


_KNOWN: Final[Memo[LinkedProject, tuple[GeneratedImport, ...]]] = Memo()


def generated_imports(project: LinkedProject) -> tuple[GeneratedImport, ...]:
    """Return the imports of generated code, without those of components, which have their own."""
    found = _KNOWN.get(project)
    if found is None:
        found = _KNOWN[project] = tuple(_generated_imports(project))
    return found


def _generated_imports(project: LinkedProject) -> Iterator[GeneratedImport]:
    for module in project.own_modules:
        path = module.module
        for entry in module.imports:
            if GENERATED_FOLDER not in entry.module:
                continue
            target = project.resolver.imported_module(path, entry)
            if not isinstance(target, External) or _is_of_component(project, path):
                continue
            package, _, inner = target.name.partition(".")
            if package == GENERATED_FOLDER and entry.name != "*":
                location = Location(path, entry.span)
                yield GeneratedImport(inner, entry.name, location)


def _is_of_component(project: LinkedProject, path: str) -> bool:
    """Whether a module lies in the folder of a component."""
    folders = path.split("/")[:-1]
    return any(
        f"{'/'.join(folders[:depth])}/convex_config" in project.modules
        for depth in range(1, len(folders) + 1)
    )
