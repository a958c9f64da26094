"""The components that a project uses, each a linked project of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from convexity_compiler.discover import discover
from convexity_compiler.link.component_places import ComponentPlace, find_component
from convexity_compiler.summary.lazy import LazyModules
from convexity_compiler.summary.sources import read_sources

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from convexity_compiler.config import Config
    from convexity_compiler.link.project import LinkedProject

_RUNTIME: Final = "convexity"
"""The package that every backend carries anyway."""


class ComponentStore:
    """The components that a project, or one of its components, uses; each is linked once."""

    def __init__(self, config: Config, overlays: Mapping[str, str]) -> None:
        """Take the settings of the project, and unsaved texts by path relative to its root."""
        self.config = config
        self._overlays = overlays
        self._places: dict[str, ComponentPlace | None] = {}
        self._projects: dict[ComponentPlace, LinkedProject] = {}

    def place(self, source: str) -> ComponentPlace | None:
        """Return where the component with a dotted import path is; None when it is nowhere."""
        if source not in self._places:
            self._places[source] = find_component(source, self.config.root)
        return self._places[source]

    def is_local(self, place: ComponentPlace) -> bool:
        """Whether a component lies in the functions folder of the project."""
        folder = f"{self.config.carried_folder}/"
        return place.root == self.config.root and place.folder.startswith(folder)

    def project(self, source: str) -> LinkedProject | None:
        """Return the component with a dotted import path; None when it cannot be found."""
        place = self.place(source)
        return None if place is None else self.at(place)

    def at(self, place: ComponentPlace) -> LinkedProject:
        """Return the component at a place."""
        if place not in self._projects:
            self._projects[place] = self._load(place)
        return self._projects[place]

    def local(self, user: LinkedProject) -> Iterator[LinkedProject]:
        """Yield the components in the functions folder of a project, however deep, mounted or not.

        One comes after those that lie in its own folder.
        """
        for folder in user.files.components:
            path = f"{user.config.functions}/{folder}"
            component = self.at(ComponentPlace(root=user.config.root, folder=path))
            yield from self.local(component)
            yield component

    def packages(self, user: LinkedProject) -> dict[str, Path]:
        """Return the folders of the packages that components come from, however deep, by name."""
        found = {
            place.package: place.root / place.package
            for place in self.mounted(user)
            if not self.is_local(place)
        }
        found.pop(_RUNTIME, None)
        return found

    def foreign(self, user: LinkedProject) -> list[LinkedProject]:
        """Return the components that come from packages, however deep."""
        return [self.at(place) for place in self.mounted(user) if not self.is_local(place)]

    def mounted(self, user: LinkedProject) -> Iterator[ComponentPlace]:
        """Yield the places of the components that a project mounts, however deep, each once."""
        pending, seen = [user], {user}
        while pending:
            app = pending.pop().app
            for mount in () if app is None else app.components:
                place, component = self.place(mount.source), self.project(mount.source)
                if place is None or component is None or component in seen:
                    continue
                seen.add(component)
                pending.append(component)
                yield place

    def settings(self, place: ComponentPlace) -> Config:
        """Return the settings that a component is linked and checked under."""
        carried = self.config.carried_folder if self.is_local(place) else place.package
        return replace(self.config, root=place.root, functions=place.folder, carried=carried)

    def _load(self, place: ComponentPlace) -> LinkedProject:
        from convexity_compiler.link.linker import Linker
        from convexity_compiler.link.project import LinkedProject

        config = self.settings(place)
        overlays = self._overlays if place.root == self.config.root else {}
        files = discover(config.root, config, overlays)
        unsaved = {
            path.removeprefix(f"{config.functions}/"): text for path, text in overlays.items()
        }
        sources = read_sources([*files.modules, *files.package_files], unsaved)
        modules = LazyModules(sources, {})
        return LinkedProject(Linker(files, modules, config, self))


class Definitions:
    """The components as one ``convex_config.py`` names them."""

    def __init__(self, store: ComponentStore, functions: str) -> None:
        """Take the functions folder that the file is in, relative to what imports start from."""
        self._store = store
        self._package = functions.split("/")

    def absolute(self, name: str) -> str:
        """Return the dotted import path of an external name, which may be a relative one."""
        level = len(name) - len(name.lstrip("."))
        if not level:
            return name
        # The file is a module of the functions folder, which one dot stands for.
        package = self._package[: len(self._package) - (level - 1)]
        return ".".join((*package, name[level:]))

    def name(self, source: str) -> str:
        """Return the name that a component gives itself, else that under which it is imported."""
        project = self._store.project(source)
        own = None if project is None else project.own_name
        return own or source.rpartition(".")[2]
