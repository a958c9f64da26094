"""What linking notes beside its results: expressions it could not evaluate, validators it met."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location, Unresolved, ValidatorUse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from convexity.values import Validator

    from convexity_compiler.link.model import UnresolvedKind
    from convexity_compiler.summary.expressions import Call
    from convexity_compiler.summary.model import ModuleSummary
    from convexity_compiler.summary.node import Node

ACCEPTED_VALIDATOR = (
    "write it with `v`, names, imports, dict displays, `|`, or a helper function that only"
    " returns a validator"
)


class FailedError(Exception):
    """An expression could not be evaluated; the reason has been noted."""


class Notes:
    """What was noted while one thing was evaluated: a module, or a name at its top level."""

    __slots__ = ("_unresolved", "_used", "_uses", "is_clean")

    def __init__(self) -> None:
        self.is_clean = True
        """Whether everything could be evaluated, also what was used for it."""
        self._unresolved: dict[tuple[Location, str], Unresolved] = {}
        self._uses: dict[tuple[Location, str], ValidatorUse] = {}
        self._used: dict[int, Notes] = {}

    @property
    def is_empty(self) -> bool:
        """Whether nothing was noted."""
        return not (self._unresolved or self._uses or self._used)

    def add_unresolved(self, entry: Unresolved) -> None:
        """Note an expression that could not be evaluated; of one place and reason the first."""
        self.is_clean = False
        self._unresolved.setdefault((entry.location, entry.reason), entry)

    def add_use(self, entry: ValidatorUse) -> None:
        """Note the use of a validator; of one place the last."""
        self._uses[entry.location, entry.name] = entry

    def add_used(self, notes: Notes) -> None:
        """Remember that the value of something else was used."""
        self.is_clean = self.is_clean and notes.is_clean
        self._used[id(notes)] = notes

    def unresolved(self) -> tuple[Unresolved, ...]:
        """By module and place, with those of everything that was used."""
        found: dict[tuple[Location, str], Unresolved] = {}
        for notes in self._all():
            for key, entry in notes._unresolved.items():
                found.setdefault(key, entry)
        return tuple(
            sorted(
                found.values(),
                key=lambda entry: (entry.location.module, entry.location.span, entry.reason),
            )
        )

    def validator_uses(self) -> tuple[ValidatorUse, ...]:
        """By module and place, with those of everything that was used."""
        found: dict[tuple[Location, str], ValidatorUse] = {}
        for notes in self._all():
            found |= notes._uses
        return tuple(
            sorted(
                found.values(),
                key=lambda entry: (entry.location.module, entry.location.span, entry.name),
            )
        )

    def _all(self) -> Iterator[Notes]:
        seen = {id(self)}
        pending = [self]
        while pending:
            notes = pending.pop()
            yield notes
            for key, used in notes._used.items():
                if key not in seen:
                    seen.add(key)
                    pending.append(used)


class Findings:
    """Collects notes, for whatever is being evaluated."""

    def __init__(self, modules: Mapping[str, ModuleSummary]) -> None:
        self._modules = modules
        self._open = [Notes()]

    @contextmanager
    def collected(self, notes: Notes) -> Iterator[None]:
        """Put what is noted into ``notes`` for the time being."""
        self._open.append(notes)
        try:
            yield
        finally:
            self._open.pop()

    def used(self, notes: Notes) -> None:
        """Note that what ``notes`` are about has been used."""
        self._open[-1].add_used(notes)

    def note(
        self,
        module: str,
        node: Node,
        reason: str,
        *,
        what: str,
        kind: UnresolvedKind = "opaque",
        accepted: str = ACCEPTED_VALIDATOR,
        chain: tuple[Location, ...] = (),
    ) -> None:
        """Note an expression that could not be evaluated."""
        self._open[-1].add_unresolved(
            Unresolved(
                what=what,
                location=Location(module, node.span),
                source=self._modules[module].source(node.span),
                reason=reason,
                accepted=accepted,
                kind=kind,
                chain=chain,
            )
        )

    def failure(
        self,
        module: str,
        node: Node,
        reason: str,
        *,
        what: str,
        kind: UnresolvedKind = "opaque",
        accepted: str = ACCEPTED_VALIDATOR,
        chain: tuple[Location, ...] = (),
    ) -> FailedError:
        """Note an expression that could not be evaluated; raise the result to give it up."""
        self.note(module, node, reason, what=what, kind=kind, accepted=accepted, chain=chain)
        return FailedError()

    def use(
        self,
        module: str,
        node: Node,
        name: str,
        *,
        call: Call | None,
        validator: Validator | None,
        parent: str | None,
    ) -> None:
        """Note the use of a validator constructor or method."""
        location = Location(module, node.span)
        self._open[-1].add_use(
            ValidatorUse(
                name=name, location=location, call=call, validator=validator, parent=parent
            )
        )
