"""The project as it was when each of its modules last parsed: while a module is being typed, its
functions and imports are still those of a moment ago."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.link import link

if TYPE_CHECKING:
    from convexity_compiler.link.project import LinkedProject
    from convexity_compiler.summary.model import ModuleSummary


class Facts:
    """Remembers the last good summary of each module of one project."""

    def __init__(self) -> None:
        self._good: dict[str, ModuleSummary] = {}
        self._latest: LinkedProject | None = None
        self._relinked: tuple[dict[str, str], LinkedProject] | None = None

    def learn(self, project: LinkedProject) -> None:
        """Take note of a project that was just checked."""
        self._latest = project
        self._good = {
            name: self._good.get(name, module) if module.problem else module
            for name, module in project.modules.items()
        }

    @property
    def latest(self) -> LinkedProject | None:
        """The project as it was last checked; None before the first check."""
        return self._latest

    @property
    def project(self) -> LinkedProject | None:
        """The project with the last good summary of every module; None before the first check."""
        latest = self._latest
        if latest is None or all(
            module is self._good[name] for name, module in latest.modules.items()
        ):
            return latest
        digests = {name: module.digest for name, module in self._good.items()}
        if self._relinked is None or self._relinked[0] != digests:
            self._relinked = (
                digests,
                link(latest.files, self._good, latest.config, latest.components),
            )
        return self._relinked[1]

    def is_broken(self, module: str) -> bool:
        """Whether the places that are known of a module are those of an earlier text."""
        latest = self._latest
        found = latest.modules.get(module) if latest is not None else None
        return found is not None and found is not self._good[module]
