"""What was generated last, so that ``codegen`` need not work out again what has not changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import convexity_templates

from convexity_compiler.emit.writer import holds, is_valid_record
from convexity_compiler.incremental.components import are_unchanged, component_contents
from convexity_compiler.incremental.documents import DocumentStore
from convexity_compiler.incremental.keys import check_key, files_key, folder_stamps, settings_key
from convexity_compiler.summary.digests import source_digest

if TYPE_CHECKING:
    from convexity_compiler.config import Config
    from convexity_compiler.emit.writer import Plan
    from convexity_compiler.incremental.snapshot import Snapshot


class GeneratedFiles:
    """The generated files of a project, as far as the last run of ``codegen`` knows them."""

    def __init__(self, config: Config, snapshot: Snapshot) -> None:
        """Take the project as it is; its texts are told apart by their content."""
        self._root = config.root
        self._snapshot = snapshot
        self._documents = DocumentStore(config.cache_path, "codegen", settings_key(config))
        templates = Path(convexity_templates.__file__).parent
        parts = [check_key(config), *folder_stamps(templates, ""), files_key(snapshot.files)]
        parts += [f"{path} {digest}" for path, digest in sorted(snapshot.digests.items())]
        self._key = source_digest("\0".join(parts).encode("utf-8", "surrogateescape"))

    def current(self) -> int | None:
        """Return the number of files when they are what the project calls for.

        None when they are not, or when that is not known. Raises WriteError when a file cannot be
        read.
        """
        document = self._documents.load()
        if not isinstance(document, dict) or document.get("key") != self._key:
            return None
        if not are_unchanged(document.get("components")):
            return None
        files = document.get("files")
        return len(files) if is_valid_record(files) and holds(self._root, files) else None

    def keep(self, planned: Plan) -> None:
        """Remember a plan that has been carried out."""
        components = component_contents(self._snapshot)
        self._documents.save(
            {"key": self._key, "components": components, "files": planned.record()}
        )
