"""Calls of ``ctx.storage.get_url`` and where their results go."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.summary.expressions import Await, Name
from convexity_compiler.summary.statements import Assign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.rules.usage.places import Place


class FileUrl(NamedTuple):
    """An awaited URL of a file: the ``await``, or a variable that holds nothing else."""

    use: FunctionUse
    places: tuple[Place, ...]
    """Where the value is: the ``await`` itself, and each use of the variable."""


def file_urls(project: LinkedProject) -> Iterator[FileUrl]:
    """Yield the URLs that functions ask for."""
    for use in functions(project):
        calls = {
            id(site.call)
            for site in use.context_calls
            if site.owner.path == ("storage",) and site.method.name == "get_url"
        }
        if not calls:
            continue
        for place in use.awaits:
            if isinstance(place.node, Await) and id(place.node.value) in calls:
                yield FileUrl(use, (place, *_uses(use, place)))


def _uses(use: FunctionUse, awaited: Place) -> Iterator[Place]:
    assigned = awaited.parent
    if not isinstance(assigned, Assign) or len(assigned.targets) != 1:
        return
    target = assigned.targets[0]
    if isinstance(target, Name) and use.scope.constant(target) is awaited.node:
        for place in use.names:
            node = place.node
            if isinstance(node, Name) and node.id == target.id and node is not target:
                yield place
