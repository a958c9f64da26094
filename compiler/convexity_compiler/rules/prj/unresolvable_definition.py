"""PRJ002."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.val.invalid_field_name import invalid_field_names
from convexity_compiler.rules.val.misplaced_optional import misplaced_optionals
from convexity_compiler.rules.val.refused import is_refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject, Unresolved


_ELSEWHERE = frozenset({"not_a_validator", "unknown_validator", "uncalled_validator"})
"""Kinds of failures that rules on validators report."""


class UnresolvableDefinition(Rule):
    """A definition is not a static expression.

    ## What it does

    Reports names, validators, indexes, routes and cron jobs that cannot be evaluated without
    running the project, and constructor calls that would fail.

    ## Why is this bad?

    The compiler never imports your code: references, tables and routes are made from what it can
    read. What it cannot read it does not guess.

    ## Example

    ```python
    import os


    @query(args={"limit": os.getenv("LIMIT")}, returns=v.null())
    async def latest(ctx: QueryCtx, limit: float) -> None: ...
    ```

    ## Use instead

    ```python
    @query(args={"limit": v.number()}, returns=v.null())
    async def latest(ctx: QueryCtx, limit: float) -> None: ...
    ```

    ## References

    - Accepted are names, imports, literals, dict unpacking and `|`, `.fields`, comprehensions over
      constants, and helper functions that only build validators.
    """

    name = "unresolvable-definition"
    code = "PRJ002"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Report what linking gave up on, unless a rule on validators says it better."""
        for failure in project.unresolved:
            if failure.kind in _ELSEWHERE or _is_explained(project, failure):
                continue
            source = " ".join(failure.source.split())
            problem = "cannot be used" if failure.kind == "invalid_name" else "cannot be evaluated"
            yield self.finding(
                project,
                failure.location,
                f"{failure.what} {problem}: `{source}`",
                label=failure.reason,
                help=failure.accepted,
                labels=tuple(label_at(project, place, "needed here") for place in failure.chain),
            )


def _is_explained(project: LinkedProject, failure: Unresolved) -> bool:
    """Whether a rule on validators reports the call that was refused, or something in it."""
    if failure.kind != "invalid_call":
        return False
    if is_refused(failure, "record") or is_refused(failure, "literal"):
        return True
    places = [use.location for use in misplaced_optionals(project)]
    places += invalid_field_names(project)
    return any(
        place.module == failure.location.module and failure.location.span.encloses(place.span)
        for place in places
    )
