"""Link the summaries of a project: resolve names, evaluate validators, find what is registered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.linker import Linker
from convexity_compiler.link.project import LinkedProject

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convexity_compiler.config import Config
    from convexity_compiler.discover import ProjectFiles
    from convexity_compiler.link.component_definitions import ComponentStore
    from convexity_compiler.summary.model import ModuleSummary


def link(
    files: ProjectFiles,
    summaries: Mapping[str, ModuleSummary],
    config: Config,
    components: ComponentStore,
) -> LinkedProject:
    """Return the linked project; its parts are linked when they are asked for.

    ``components`` finds the components that it uses.
    Never raises for what users write: see ``unresolved``.
    """
    return LinkedProject(Linker(files, summaries, config, components))
