"""The stages of the compiler, wired: what every command starts from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.collector import collector_paused
from convexity_compiler.config import Config, load_config
from convexity_compiler.discover import discover
from convexity_compiler.link.component_definitions import ComponentStore
from convexity_compiler.link.link import link
from convexity_compiler.summary.lazy import LazyModules
from convexity_compiler.summary.sources import read_sources

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from convexity_compiler.ir import ProjectIR
    from convexity_compiler.link.model import LinkedProject


def load_project(
    root: Path,
    config: Config | None = None,
    *,
    overlays: Mapping[str, str] | None = None,
) -> LinkedProject:
    """Discover, summarise and link the project at ``root``.

    ``overlays`` has unsaved texts, by path relative to the root with slashes; they stand for
    what is on disk. Raises ConfigError for a configuration that cannot be used; never for the
    project's code.
    """
    settings = load_config(root) if config is None else config
    with collector_paused():
        files = discover(settings.root, settings, overlays or ())
        unsaved = {
            path.removeprefix(f"{settings.functions}/"): text
            for path, text in (overlays or {}).items()
        }
        sources = read_sources([*files.modules, *files.package_files], unsaved)
        components = ComponentStore(settings, overlays or {})
        return link(files, LazyModules(sources, {}), settings, components)


def compile_project(project: LinkedProject) -> ProjectIR:
    """Lower a linked project to the backend IR.

    What could not be linked is left out: ``check`` reports it, and commands that build refuse
    projects with errors.
    """
    from convexity_compiler.lower.lower import lower

    with collector_paused():
        return lower(project)
