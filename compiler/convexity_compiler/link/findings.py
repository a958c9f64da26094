"""What linking notes beside its results: expressions it could not evaluate, validators it met."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location, Unresolved, ValidatorUse

if TYPE_CHECKING:
    from collections.abc import Mapping

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


class Findings:
    """Collects notes, each place once."""

    def __init__(self, modules: Mapping[str, ModuleSummary]) -> None:
        self._modules = modules
        self._unresolved: dict[tuple[Location, str], Unresolved] = {}
        self._uses: dict[tuple[Location, str], ValidatorUse] = {}

    @property
    def unresolved(self) -> tuple[Unresolved, ...]:
        """By module and place."""
        return tuple(
            sorted(
                self._unresolved.values(),
                key=lambda entry: (entry.location.module, entry.location.span, entry.reason),
            )
        )

    @property
    def validator_uses(self) -> tuple[ValidatorUse, ...]:
        """By module and place."""
        return tuple(
            sorted(
                self._uses.values(),
                key=lambda entry: (entry.location.module, entry.location.span, entry.name),
            )
        )

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
        location = Location(module=module, span=node.span)
        entry = Unresolved(
            what=what,
            location=location,
            source=self._modules[module].source(node.span),
            reason=reason,
            accepted=accepted,
            kind=kind,
            chain=chain,
        )
        self._unresolved.setdefault((location, reason), entry)

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
        location = Location(module=module, span=node.span)
        self._uses[location, name] = ValidatorUse(
            name=name, location=location, call=call, validator=validator, parent=parent
        )
