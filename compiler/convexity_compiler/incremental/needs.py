"""What the findings of a module depend on, as modules whose content must be the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from convexity_compiler.link.symbols import ProjectModule

if TYPE_CHECKING:
    from convexity_compiler.link.linker import Linker
    from convexity_compiler.summary.model import ImportSummary


class ModuleNeeds(NamedTuple):
    """Modules, the module itself among them."""

    modules: frozenset[str]
    everything: bool
    """Whether any change of any module counts."""


class NeedsFinder:
    """Follows imports, and what linking and the rules asked for."""

    def __init__(self, linker: Linker) -> None:
        self._linker = linker
        self._imports: dict[str, frozenset[str] | None] = {}

    def of(self, module: str) -> ModuleNeeds:
        """Return the needs of a module that has been checked."""
        found = {module}
        pending = [module]
        asked = self._linker.needs.checking(module)
        everything = asked.everything
        pending += asked.modules
        found |= asked.modules
        while pending and not everything:
            path = pending.pop()
            linked = self._linker.needs.linking(path)
            imported = self._imported(path)
            everything = linked.everything or imported is None
            for other in (*linked.modules, *(imported or ())):
                if other not in found:
                    found.add(other)
                    pending.append(other)
        known = self._linker.modules
        return ModuleNeeds(frozenset(path for path in found if path in known), everything)

    def _imported(self, path: str) -> frozenset[str] | None:
        """The modules that names of a module may lead to; None for all of them."""
        if path not in self._imports:
            self._imports[path] = self._find(path)
        return self._imports[path]

    def _find(self, path: str) -> frozenset[str] | None:
        modules, resolver = self._linker.modules, self._linker.resolver
        found: set[str] = set()
        if path not in modules:
            return frozenset()
        for entry in modules[path].imports:
            target = resolver.imported_module(path, entry)
            if not isinstance(target, ProjectModule):
                continue
            if entry.name is None and not entry.has_alias and "." in entry.module:
                return None  # ``import convex.messages`` binds the folder itself
            bound = _bound(target.path, entry)
            if not bound:
                return None
            found |= {bound, f"{bound}/__init__"} & modules.keys()
            found |= {target.path, f"{target.path}/__init__".lstrip("/")} & modules.keys()
            if resolver.is_package(bound):
                found |= {other for other in modules if other.startswith(f"{bound}/")}
        return frozenset(found)


def _bound(path: str, entry: ImportSummary) -> str:
    """The module that an import binds, if it binds one; empty for the functions folder."""
    if entry.name in (None, "*"):
        return path
    return f"{path}/{entry.name}" if path else str(entry.name)
