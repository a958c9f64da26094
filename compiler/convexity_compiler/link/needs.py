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
        self._linking: dict[str, Needed] = {}
        self._checking: dict[str, Needed] = {}
        self._open: list[Needed] = [Needed()]

    @contextmanager
    def linked(self, path: str) -> Iterator[None]:
        """Record for the time being what linking a module asks for."""
        yield from self._recorded(self._linking, path)

    @contextmanager
    def checked(self, path: str) -> Iterator[None]:
        """Record for the time being what the rules ask for about a module."""
        yield from self._recorded(self._checking, path)

    def linking(self, path: str) -> Needed:
        """Return what was asked for to link a module."""
        return self._linking.get(path, Needed())

    def checking(self, path: str) -> Needed:
        """Return what rules asked for about a module."""
        return self._checking.get(path, Needed())

    def module(self, path: str) -> None:
        """Record that the facts of a module are needed."""
        self._open[-1].modules.add(path)

    def everything(self) -> None:
        """Record that all modules are needed."""
        self._open[-1].everything = True

    def _recorded(self, found: dict[str, Needed], path: str) -> Iterator[None]:
        self._open.append(found.setdefault(path, Needed()))
        try:
            yield
        finally:
            self._open.pop()
