"""Which modules a result depends on, recorded while it is worked out."""

from __future__ import annotations

from dataclasses import dataclass, field


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

    def linked(self, path: str) -> Recording:
        """Record for the time being what linking a module asks for."""
        return self._recording(self._linking, path)

    def checked(self, path: str) -> Recording:
        """Record for the time being what the rules ask for about a module."""
        return self._recording(self._checking, path)

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

    def _recording(self, known: dict[str, Needed], path: str) -> Recording:
        found = known.get(path)
        if found is None:
            found = known[path] = Needed()
        return Recording(self._open, found)


class Recording:
    """A context in which what is asked for is recorded in one place."""

    __slots__ = ("_needed", "_open")

    def __init__(self, stack: list[Needed], needed: Needed) -> None:
        self._open = stack
        self._needed = needed

    def __enter__(self) -> None:
        self._open.append(self._needed)

    def __exit__(self, *_: object) -> None:
        self._open.pop()
