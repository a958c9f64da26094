"""The state of the last check on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.incremental.documents import DocumentStore
from convexity_compiler.incremental.state import CheckState

if TYPE_CHECKING:
    from pathlib import Path


class StateStore:
    """Keeps the states of one project, one for each combination of settings."""

    def __init__(self, cache: Path, settings: str) -> None:
        """Use the cache folder ``cache``; ``settings`` is a hash of the settings."""
        self._documents = DocumentStore(cache, "checks", settings)

    def load(self, key: str) -> CheckState:
        """Return the state that was saved with this key, else one with nothing in it."""
        try:
            state = CheckState.from_json(self._documents.load())
        except (ValueError, TypeError, LookupError):
            return CheckState(key=key)
        return state if state.key == key else CheckState(key=key)

    def save(self, state: CheckState) -> None:
        """Keep a state, whole or not at all."""
        self._documents.save(state.to_json())
