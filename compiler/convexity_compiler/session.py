"""Checking a project again and again, as an editor does with every keystroke."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from convexity_compiler.incremental.checker import Checker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from convexity_compiler.config import Config
    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.incremental.snapshot import Snapshot
    from convexity_compiler.link.project import LinkedProject

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class CheckResult:
    """What a check found, and the project it looked at."""

    def __init__(self, snapshot: Snapshot, examined: tuple[Diagnostic, ...]) -> None:
        self._snapshot = snapshot
        self.examined = examined
        """All findings of all files in the order of the report, silenced ones among them."""

    @property
    def has_functions(self) -> bool:
        """Whether the project has a functions folder."""
        return self._snapshot.files.exists

    @property
    def project(self) -> LinkedProject:
        """The project; its modules are linked when they are asked for."""
        return self._snapshot.project

    @cached_property
    def findings(self) -> tuple[Diagnostic, ...]:
        """All that is to be reported, of all files, in the order of the report."""
        return tuple(entry for entry in self.examined if entry.silence is None)


class CheckSession:
    """A project that is checked repeatedly while its files change."""

    def __init__(
        self,
        root: Path,
        config: Config,
        *,
        use_cache: bool = True,
        processes: int | None = None,
    ) -> None:
        """Check the project at ``root``; nothing is read yet.

        Args:
            root: Root of the project.
            config: Its settings.
            use_cache: Whether to read and write the cache on disk.
            processes: How many processes to work in; by default what pays.

        """
        self._checker = Checker(
            replace(config, root=root), use_cache=use_cache, processes=processes
        )

    def check(
        self,
        overlays: Mapping[str, str] = _NOTHING,
        types: Callable[[], Sequence[Diagnostic]] | None = None,
    ) -> CheckResult:
        """Check the project as it is now; only what can have changed is worked out again.

        ``overlays`` has the texts of unsaved files, by path relative to the root with slashes;
        they stand for what is on disk. ``types`` waits for the findings of a type checker, which
        join the others; None when none runs. Raises ConfigError for settings that name a rule that
        does not exist; never for the project's code.
        """
        return CheckResult(*self._checker.check(overlays, types))
