"""A project as it is at one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.discover import discover
from convexity_compiler.memo import cached_property
from convexity_compiler.summary.sources import read_sources

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convexity_compiler.config import Config
    from convexity_compiler.discover import ProjectFiles
    from convexity_compiler.link.component_definitions import ComponentStore
    from convexity_compiler.link.linker import Linker
    from convexity_compiler.link.project import LinkedProject
    from convexity_compiler.summary.lazy import LazyModules
    from convexity_compiler.summary.model import ModuleSummary
    from convexity_compiler.summary.sources import Source


class Snapshot:
    """The files of a project; they are summarised and linked when somebody asks."""

    def __init__(
        self,
        config: Config,
        overlays: Mapping[str, str],
        known: Mapping[str, ModuleSummary],
    ) -> None:
        """Read the project with unsaved texts; ``known`` are summaries of earlier contents."""
        self.config = config
        self._known = known
        self._overlays = overlays
        self.files: ProjectFiles = discover(config.root, config, overlays)
        unsaved = {
            path.removeprefix(f"{config.functions}/"): text for path, text in overlays.items()
        }
        self.sources: dict[str, Source] = {
            source.file.module: source
            for source in read_sources([*self.files.modules, *self.files.package_files], unsaved)
        }
        self.digests = {path: source.digest for path, source in self.sources.items()}

    @cached_property
    def modules(self) -> LazyModules:
        """The summaries by wire path."""
        from convexity_compiler.summary.lazy import LazyModules

        return LazyModules(self.sources.values(), self._known)

    @cached_property
    def components(self) -> ComponentStore:
        """The components that the project uses."""
        from convexity_compiler.link.component_definitions import ComponentStore

        return ComponentStore(self.config, self._overlays)

    @cached_property
    def linker(self) -> Linker:
        """What links the modules."""
        from convexity_compiler.link.linker import Linker

        return Linker(self.files, self.modules, self.config, self.components)

    @cached_property
    def project(self) -> LinkedProject:
        """The project, linked."""
        from convexity_compiler.link.project import LinkedProject

        return LinkedProject(self.linker)

    def prepare(self) -> None:
        """Load and link what every process would that checks a part of the modules."""
        from convexity_compiler.incremental import needs  # noqa: F401
        from convexity_compiler.rules import engine  # noqa: F401

        _ = self.linker.generated
