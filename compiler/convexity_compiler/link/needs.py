"""Which modules a result depends on, recorded while it is worked out."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class Needed:
    """What was asked for on behalf of something."""

    modules: set[str] = field(default_factory=set)
    """Wire paths of modules, each with what it imports and needs itself."""
    everything: bool = False


class Needs:
    """Records what is asked for, by module on whose behalf."""

    def __init__(self) -> None:
        self.by_module: dict[str, Needed] = {}
        self._open: list[Needed] = [Needed()]

    @contextmanager
    def recorded(self, path: str) -> Iterator[None]:
        """Record what is asked for as needs of the module at ``path`` for the time being."""
        self._open.append(self.by_module.setdefault(path, Needed()))
        try:
            yield
        finally:
            self._open.pop()

    def module(self, path: str) -> None:
        """Record that the facts of a module are needed."""
        self._open[-1].modules.add(path)

    def everything(self) -> None:
        """Record that all modules are needed."""
        self._open[-1].everything = True
