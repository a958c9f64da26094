"""The modules of a project, each summarised when it is looked up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from convexity_compiler.summary.summarise import summarise_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from convexity_compiler.summary.model import ModuleSummary
    from convexity_compiler.summary.sources import Source


class LazyModules(Mapping[str, "ModuleSummary"]):
    """Modules by wire path, sorted."""

    def __init__(self, sources: Iterable[Source], known: Mapping[str, ModuleSummary]) -> None:
        """Take the sources; ``known`` are summaries of an earlier content, by wire path."""
        self._sources = {
            source.file.module: source
            for source in sorted(sources, key=lambda source: source.file.module)
        }
        self._loaded = {
            path: known[path]
            for path, source in self._sources.items()
            if path in known and known[path].digest == source.digest
        }

    @property
    def loaded(self) -> Mapping[str, ModuleSummary]:
        """Those that have been looked up."""
        return self._loaded

    def __getitem__(self, path: str) -> ModuleSummary:
        found = self._loaded.get(path)
        if found is None:
            source = self._sources[path]
            found = summarise_text(source.text, source.file.path, source.digest)
            self._loaded[path] = found
        return found

    def __contains__(self, path: object) -> bool:
        return path in self._sources

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)
