"""What the components of a project hold, beside the modules of the project itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from convexity_compiler.summary.digests import source_digest

if TYPE_CHECKING:
    from convexity_compiler.incremental.snapshot import Snapshot


def component_contents(snapshot: Snapshot) -> dict[str, str]:
    """Return a hash of the modules of each component that a project has or mounts, by folder."""
    project = snapshot.project
    if not project.files.components and project.app is None:
        return {}
    folders = {place.root / place.folder for place in snapshot.components.mounted(project)}
    folders |= {entry.config.functions_path for entry in snapshot.components.local(project)}
    return {str(folder): _content(folder) for folder in sorted(folders)}


def are_unchanged(contents: object) -> bool:
    """Whether components still hold what ``component_contents`` found."""
    return _is_valid(contents) and all(
        _content(Path(folder)) == digest for folder, digest in contents.items()
    )


def _is_valid(contents: object) -> TypeGuard[dict[str, str]]:
    return isinstance(contents, dict) and all(
        isinstance(folder, str) and isinstance(digest, str) for folder, digest in contents.items()
    )


def _content(folder: Path) -> str:
    parts = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(names):
            if name.endswith(".py"):
                path = Path(parent, name)
                try:
                    parts.append(f"{path} {source_digest(path.read_bytes())}")
                except OSError as error:
                    parts.append(f"{path} {error.strerror}")
    return source_digest("\0".join(parts).encode("utf-8", "surrogateescape"))
