"""Checking a project again and again, as an editor does with every keystroke."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from convexity_compiler.pipeline import load_project
from convexity_compiler.rules.engine import check

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from convexity_compiler.config import Config
    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found, and the project it looked at."""

    findings: tuple[Diagnostic, ...]
    """All that is to be reported, of all files, in the order of the report."""
    project: LinkedProject


class CheckSession:
    """A project that is checked repeatedly while its files change."""

    def __init__(self, root: Path, config: Config) -> None:
        """Check the project at ``root`` under ``config``; nothing is read yet."""
        self._config = replace(config, root=root)

    def check(self, overlays: Mapping[str, str] = _NOTHING) -> CheckResult:
        """Check the project as it is now.

        ``overlays`` has the texts of unsaved files, by path relative to the root with slashes;
        they stand for what is on disk. Raises ConfigError for settings that name a rule that does
        not exist; never for the project's code.
        """
        project = load_project(self._config.root, self._config, overlays=overlays)
        return CheckResult(tuple(check(project)), project)
